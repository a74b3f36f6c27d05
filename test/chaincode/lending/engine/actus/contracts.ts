import type { ContractEvent, RiskFactors } from '../../../../../chaincode/lending/engine/actus';
import { events, parseTerms } from '../../../../../chaincode/lending/engine/actus';

/** A loan of 1,200 at 12 % from 2025-01-01 for half a year, months of 30 days: interest is 1 % a month. */
export const loan = {
  contractRole: 'RPA',
  currency: 'CNY',
  statusDate: '2024-12-31',
  initialExchangeDate: '2025-01-01',
  maturityDate: '2025-07-01',
  notionalPrincipal: '1200',
  nominalInterestRate: '0.12',
  dayCountConvention: '30E360',
  cycleAnchorDateOfInterestPayment: '2025-02-01',
  cycleOfInterestPayment: 'P1ML1',
};

/** Principal on the interest dates. */
export const amortizing = {
  ...loan,
  cycleAnchorDateOfPrincipalRedemption: '2025-02-01',
  cycleOfPrincipalRedemption: 'P1ML1',
};

/** Events of a contract from the terms' JSON form. */
export function run(
  json: Readonly<Record<string, unknown>>,
  market?: RiskFactors,
  to?: string,
): readonly ContractEvent[] {
  return events(parseTerms(json), market, to);
}

/** Events as short lines: date, type, payoff, notional, rate and accrued interest. */
export function lines(results: readonly ContractEvent[]): readonly string[] {
  return results.map((event) =>
    [
      event.eventDate.slice(0, 10),
      event.eventType,
      event.payoff.toDecimalPlaces(4).toString(),
      event.notionalPrincipal.toDecimalPlaces(4).toString(),
      event.nominalInterestRate.toString(),
      event.accruedInterest.toDecimalPlaces(4).toString(),
    ].join(' '),
  );
}

/** The lines of one event type. */
export function ofType(results: readonly ContractEvent[], type: string): readonly string[] {
  return lines(results.filter(({ eventType }) => eventType === type));
}
