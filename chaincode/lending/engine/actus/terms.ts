import { Decimal } from '../decimal';
import type { BusinessDayConvention } from '../time/business-day';
import { businessDayConventions } from '../time/business-day';
import type { Calendar } from '../time/calendar';
import type { Cycle, EndOfMonthConvention } from '../time/cycle';
import { parseCycle } from '../time/cycle';
import type { DayCount } from '../time/day-count';
import { dayCounts } from '../time/day-count';
import { toLocalDateTime } from '../time/moment';

/** Terms that are missing, malformed or not supported. The message begins with the term's name. */
export class TermsError extends RangeError {
  override readonly name = 'TermsError';
}

/** The ACTUS contract types that the engine computes. */
export const contractTypes = ['PAM', 'LAM', 'ANN'] as const;

/** One of {@link contractTypes}. */
export type ContractTypeName = (typeof contractTypes)[number];

/** Anchor and cycle of one kind of event; either may be absent. */
export interface CycleTerms {
  readonly anchor?: string | undefined;
  readonly cycle?: Cycle | undefined;
}

/**
 * Terms of a contract, by the names of the ACTUS dictionary 1.4 grouped by their purpose. Times are local date-times with
 * seconds, amounts and rates decimal numbers; rates are per year, amounts in the contract's currency.
 */
export interface Terms {
  readonly contractType: ContractTypeName;
  readonly contractID: string;
  /** +1 where the creator of the contract is owed (lender), -1 where it owes (technical specification 3.7). */
  readonly role: 1 | -1;
  readonly currency: string;
  readonly settlementCurrency?: string | undefined;
  readonly statusDate: string;
  readonly initialExchangeDate: string;
  readonly maturityDate?: string | undefined;
  readonly amortizationDate?: string | undefined;
  readonly notionalPrincipal: Decimal;
  readonly premiumDiscountAtIED: Decimal;
  readonly nominalInterestRate?: Decimal | undefined;
  readonly accruedInterest?: Decimal | undefined;
  readonly dayCount: DayCount;
  readonly calendar: Calendar;
  readonly businessDayConvention: BusinessDayConvention;
  readonly endOfMonth: EndOfMonthConvention;
  readonly interestPayment: CycleTerms;
  readonly capitalizationEndDate?: string | undefined;
  readonly interestCalculationBase: 'NT' | 'NTIED' | 'NTL';
  readonly interestCalculationBaseAmount?: Decimal | undefined;
  readonly interestCalculationBaseFixing: CycleTerms;
  readonly principalRedemption: CycleTerms;
  readonly nextPrincipalRedemptionPayment?: Decimal | undefined;
  readonly rateReset: CycleTerms & {
    readonly marketObject?: string | undefined;
    readonly spread: Decimal;
    readonly multiplier: Decimal;
    readonly nextRate?: Decimal | undefined;
    readonly lifeCap?: Decimal | undefined;
    readonly lifeFloor?: Decimal | undefined;
    readonly periodCap?: Decimal | undefined;
    readonly periodFloor?: Decimal | undefined;
  };
  readonly fee: CycleTerms & {
    readonly rate?: Decimal | undefined;
    /** `A`: the rate is an amount paid at every fee event; `N`: it accrues on the notional. */
    readonly basis: 'A' | 'N';
    readonly accrued?: Decimal | undefined;
  };
  readonly scaling: CycleTerms & {
    readonly interest: boolean;
    readonly notional: boolean;
    readonly marketObject?: string | undefined;
    readonly indexAtDeal?: Decimal | undefined;
    readonly interestMultiplier: Decimal;
    readonly notionalMultiplier: Decimal;
  };
  readonly prepayment: CycleTerms & {
    readonly effect: 'N' | 'A' | 'M';
    readonly exerciseEnd?: string | undefined;
    readonly penalty: 'NONE' | 'ABSOLUTE' | 'RELATIVE' | 'INTEREST_DIFFERENTIAL';
    readonly penaltyRate: Decimal;
  };
  readonly purchase?: { readonly date: string; readonly price: Decimal } | undefined;
  readonly termination?: { readonly date: string; readonly price: Decimal } | undefined;
}

/** Signs of contract roles: table in the technical specification 3.7. */
const roles = {
  RPA: 1,
  RPL: -1,
  LG: 1,
  ST: -1,
  BUY: 1,
  SEL: -1,
  RFL: 1,
  PFL: -1,
  COL: 1,
  CNO: 1,
  GUA: -1,
  OBL: 1,
  UDL: 1,
  UDLP: 1,
  UDLM: -1,
} as const;

const calendars = {
  NC: { kind: 'NO_CALENDAR' },
  NO_CALENDAR: { kind: 'NO_CALENDAR' },
  MF: { kind: 'MONDAY_TO_FRIDAY' },
  MONDAY_TO_FRIDAY: { kind: 'MONDAY_TO_FRIDAY' },
} as const;

const penalties = {
  N: 'NONE',
  O: 'NONE',
  A: 'ABSOLUTE',
  R: 'RELATIVE',
  I: 'INTEREST_DIFFERENTIAL',
} as const;

/** Reads single terms of a JSON object; numbers may be texts with blanks around them, and blank means absent. */
class Reader {
  constructor(private readonly json: Readonly<Record<string, unknown>>) {}

  text(name: string): string | undefined {
    const value = this.json[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') throw new TermsError(`${name}: not a text`);
    const text = String(value).trim();
    return text === '' ? undefined : text;
  }

  private read<T>(name: string, what: string, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch {
      throw new TermsError(`${name}: not ${what}: ${text}`);
    }
  }

  number(name: string): Decimal | undefined {
    return this.read(name, 'a number', (text) => {
      const value = new Decimal(text);
      if (!value.isFinite()) throw new RangeError('not finite');
      return value;
    });
  }

  time(name: string): string | undefined {
    return this.read(name, 'a date', toLocalDateTime);
  }

  cycle(purpose: string): CycleTerms {
    return {
      anchor: this.time(`cycleAnchorDateOf${purpose}`),
      cycle: this.read(`cycleOf${purpose}`, 'a cycle', parseCycle),
    };
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise?: NoInfer<T>): T {
    const text = this.text(name) ?? otherwise;
    if (text === undefined) throw new TermsError(`${name}: required`);
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new TermsError(`${name}: ${text} is none of ${choices.join(', ')}`);
    return choice;
  }

  pick<T>(name: string, choices: Readonly<Record<string, T>>, otherwise?: string): T {
    const key = this.choice(name, Object.keys(choices), otherwise);
    return choices[key] as T;
  }
}

function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new TermsError(`${name}: required`);
  return value;
}

function priced(reader: Reader, dateTerm: string, priceTerm: string): Terms['purchase'] {
  const date = reader.time(dateTerm);
  return date === undefined ? undefined : { date, price: required(priceTerm, reader.number(priceTerm)) };
}

/** Effects such as `I00`, `0N0`, `IN0`; public test data writes the letter O for the digit too. */
function scaling(reader: Reader): Terms['scaling'] {
  const effect = reader.text('scalingEffect') ?? '000';
  if (!/^[I0O][N0O][M0O]$/.test(effect)) throw new TermsError(`scalingEffect: not supported: ${effect}`);
  const [interest, notional] = [effect.startsWith('I'), effect[1] === 'N'];
  const scales = interest || notional;
  return {
    ...reader.cycle('ScalingIndex'),
    interest,
    notional,
    marketObject: scales
      ? required('marketObjectCodeOfScalingIndex', reader.text('marketObjectCodeOfScalingIndex'))
      : undefined,
    indexAtDeal: scales
      ? required('scalingIndexAtContractDealDate', reader.number('scalingIndexAtContractDealDate'))
      : undefined,
    interestMultiplier: reader.number('interestScalingMultiplier') ?? new Decimal(1),
    notionalMultiplier: reader.number('notionalScalingMultiplier') ?? new Decimal(1),
  };
}

function rateReset(reader: Reader): Terms['rateReset'] {
  const cycle = reader.cycle('RateReset');
  const marketObject = reader.text('marketObjectCodeOfRateReset');
  if ((cycle.anchor ?? cycle.cycle) !== undefined) required('marketObjectCodeOfRateReset', marketObject);
  return {
    ...cycle,
    marketObject,
    spread: reader.number('rateSpread') ?? new Decimal(0),
    multiplier: reader.number('rateMultiplier') ?? new Decimal(1),
    nextRate: reader.number('nextResetRate'),
    lifeCap: reader.number('lifeCap'),
    lifeFloor: reader.number('lifeFloor'),
    periodCap: reader.number('periodCap'),
    periodFloor: reader.number('periodFloor'),
  };
}

/**
 * Terms from their JSON form. Terms that the contract types do not use are not looked at. `calendar` is `NC` or `MF` as in
 * the dictionary; a calendar given as data takes its place.
 *
 * @throws TermsError naming the first term that is missing, malformed or of an unsupported value.
 */
export function parseTerms(json: Readonly<Record<string, unknown>>, calendar?: Calendar): Terms {
  const reader = new Reader(json);
  const contractType = reader.choice('contractType', contractTypes);
  // Interest in advance and rates fixed afterwards: the technical specification gives no rule for either.
  reader.choice('cyclePointOfInterestPayment', ['E'], 'E');
  reader.choice('cyclePointOfRateReset', ['B'], 'B');
  const fee = reader.number('feeRate');
  const maturityDate = reader.time('maturityDate');
  const initialExchangeDate = required('initialExchangeDate', reader.time('initialExchangeDate'));
  if (contractType === 'PAM') required('maturityDate', maturityDate);
  if (maturityDate !== undefined && maturityDate < initialExchangeDate)
    throw new TermsError('maturityDate: before the initial exchange');
  return {
    contractType,
    contractID: reader.text('contractID') ?? '',
    role: reader.pick('contractRole', roles),
    currency: required('currency', reader.text('currency')),
    settlementCurrency: reader.text('settlementCurrency'),
    statusDate: required('statusDate', reader.time('statusDate')),
    initialExchangeDate,
    maturityDate,
    amortizationDate: reader.time('amortizationDate'),
    notionalPrincipal: required('notionalPrincipal', reader.number('notionalPrincipal')),
    premiumDiscountAtIED: reader.number('premiumDiscountAtIED') ?? new Decimal(0),
    nominalInterestRate: reader.number('nominalInterestRate'),
    accruedInterest: reader.number('accruedInterest'),
    dayCount: reader.choice('dayCountConvention', dayCounts),
    calendar: calendar ?? reader.pick<Calendar>('calendar', calendars, 'NC'),
    businessDayConvention: reader.choice('businessDayConvention', businessDayConventions, 'NOS'),
    endOfMonth: reader.choice('endOfMonthConvention', ['SD', 'EOM'], 'SD'),
    interestPayment: reader.cycle('InterestPayment'),
    capitalizationEndDate: reader.time('capitalizationEndDate'),
    interestCalculationBase:
      contractType === 'PAM' ? 'NT' : reader.choice('interestCalculationBase', ['NT', 'NTIED', 'NTL'], 'NT'),
    interestCalculationBaseAmount: reader.number('interestCalculationBaseAmount'),
    interestCalculationBaseFixing: reader.cycle('InterestCalculationBase'),
    principalRedemption: reader.cycle('PrincipalRedemption'),
    nextPrincipalRedemptionPayment: reader.number('nextPrincipalRedemptionPayment'),
    rateReset: rateReset(reader),
    fee: {
      ...reader.cycle('Fee'),
      rate: fee?.isZero() === true ? undefined : fee,
      basis: reader.choice('feeBasis', ['A', 'N'], 'A'),
      accrued: reader.number('feeAccrued'),
    },
    scaling: scaling(reader),
    prepayment: {
      ...reader.cycle('Optionality'),
      effect: reader.choice('prepaymentEffect', ['N', 'A', 'M'], 'N'),
      exerciseEnd: reader.time('optionExerciseEndDate'),
      penalty: reader.pick('penaltyType', penalties, 'O'),
      penaltyRate: reader.number('penaltyRate') ?? new Decimal(0),
    },
    purchase: priced(reader, 'purchaseDate', 'priceAtPurchaseDate'),
    termination: priced(reader, 'terminationDate', 'priceAtTerminationDate'),
  };
}
