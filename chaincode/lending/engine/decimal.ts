import { Decimal as Base } from 'decimal.js';

/**
 * The engine's decimal numbers: 40 significant digits, rounded half up where a quotient does not end. A clone, so that
 * neither this package nor another can change the other's configuration.
 */
export const Decimal = Base.clone({
  precision: 40,
  rounding: Base.ROUND_HALF_UP,
  toExpNeg: -40,
  toExpPos: 60,
});

/** A number of {@link Decimal}. */
export type Decimal = Base;
