import { Decimal } from '../engine/decimal';
import type { LoanSheet } from './model';

/**
 * A loan sheet in words, line by line: pure, so that what the signer shows is made from the very document whose digest is
 * signed, and not from a text that came beside it.
 */

/** Yuan with thousands apart, e.g. `1,234,567.89`. */
export function yuan(fen: string): string {
  const negative = fen.startsWith('-');
  const digits = (negative ? fen.slice(1) : fen).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}${whole}.${digits.slice(-2)}`;
}

/** Per cent of a fraction, e.g. `4.35 %`. */
export function percent(fraction: string): string {
  const value = new Decimal(fraction).times(100);
  return `${value.toFixed(Math.max(2, value.decimalPlaces()))} %`;
}

const types = {
  PAM: 'interest as it falls due, the principal at the end',
  LAM: 'equal shares of principal, with the interest on what is left',
  ANN: 'equal instalments of principal and interest',
} as const;

const cycles = {
  MONTHLY: 'every month',
  QUARTERLY: 'every three months',
  QUARTER_20: 'on the 20th of March, June, September and December',
  AT_MATURITY: 'at the end',
} as const;

const dayCounts = {
  A360: 'actual days over 360',
  A365: 'actual days over 365',
  '30E360': 'months of 30 days over 360',
} as const;

const components = {
  COSTS: 'costs',
  PENALTY: 'penalty interest',
  INTEREST: 'interest',
  PRINCIPAL: 'principal',
} as const;

function rateLine({ terms, annualRate }: LoanSheet): string {
  const { rate } = terms;
  if (rate.kind === 'FIXED') return `${percent(rate.annual)} a year, fixed, ${dayCounts[terms.dayCount]}`;
  const bounds = [
    ...(rate.cap === undefined ? [] : [`never above ${percent(rate.cap)}`]),
    ...(rate.floor === undefined ? [] : [`never below ${percent(rate.floor)}`]),
  ].join(', ');
  return (
    `${rate.index} plus ${percent(rate.spread)}, today ${percent(annualRate)} a year, taken anew every ` +
    `${rate.resetMonths} months${bounds === '' ? '' : `, ${bounds}`}, ${dayCounts[terms.dayCount]}`
  );
}

function prepaymentLine({ terms: { prepayment } }: LoanSheet): string {
  if (!prepayment.allowed) return 'not before the dates of the schedule';
  const fee = new Decimal(prepayment.feeRate).isZero()
    ? 'without a fee'
    : `for a fee of ${percent(prepayment.feeRate)} of the principal prepaid`;
  const after =
    prepayment.mode === 'SHORTEN' ? 'the loan then ends sooner' : 'the later instalments are then smaller';
  return (
    `in whole or in part (at least CNY ${yuan(prepayment.minimum)}), ${fee}, with interest for the days actually ` +
    `used; ${after}`
  );
}

/** The sheet in lines of text. */
export function sheetText(sheet: LoanSheet): readonly string[] {
  const { terms, evidence, payee, line } = sheet;
  const { penalty, grace } = terms;
  const order = (of: typeof terms.allocation): string => of.map((part) => components[part]).join(', ');
  return [
    ...(line === undefined
      ? [`Loan of:             CNY ${yuan(terms.principal)} for ${terms.termMonths} months`]
      : [
          `Credit line of:      CNY ${yuan(terms.principal)}, drawn and repaid again and again until ${sheet.drawBy};`,
          `                     each drawdown at least CNY ${yuan(line.minimumDrawdown)}, for at most ${terms.termMonths} months,`,
          '                     as a loan of its own that you order with your signatures, under the terms below',
        ]),
    `Lender:              the bank ${sheet.bank}, on the channel ${sheet.channel}`,
    `Borrower:            ${sheet.enterprise}`,
    `Product:             ${sheet.productName} (${sheet.product.code}, version ${sheet.product.version})`,
    `Purpose:             ${sheet.purpose}`,
    payee === undefined
      ? `Paid out to:         the borrower's account ${sheet.account}`
      : `Paid out to:         ${payee.name}, account ${payee.account} (entrusted payment)`,
    `All-in annual rate:  ${percent(sheet.allInAnnualRate)} (internal rate of return of all payments and fees)`,
    `Interest rate:       ${rateLine(sheet)}`,
    `Repayment:           ${types[terms.type]}; interest ${cycles[terms.interestCycle]}`,
    `Interest in total:   CNY ${yuan(sheet.totalInterest)}${terms.rate.kind === 'FLOATING' ? ' at today’s rate' : ''}`,
    `Fees in total:       CNY ${yuan(sheet.totalFees)}, paid beside the loan at disbursement`,
    ...sheet.fees.map(({ code, amount }) => `  - ${code}: CNY ${yuan(amount)}`),
    `To pay in total:     CNY ${yuan(sheet.totalToPay)}`,
    '',
    line === undefined
      ? `Schedule, as if paid out on ${terms.startDate}; paid out later, the same terms count from that day:`
      : `Schedule, as if the whole line were drawn on ${terms.startDate}; rate and totals above are those of that:`,
    ...sheet.schedule.map(
      ({ number, dueDate, principal, interest, total }) =>
        `  ${String(number).padStart(3)}  ${dueDate}  principal ${yuan(principal)}  interest ${yuan(interest)}  to pay ${yuan(total)}`,
    ),
    '',
    `If paid late:        ${new Decimal(penalty.principalRateMultiple).toFixed()} times the interest rate on overdue principal` +
      `${penalty.onInterest ? ' and on overdue interest' : ''}; ${grace.days} days of grace`,
    `Payments go to:      ${order(terms.allocation)}; once in non-accrual to ${order(terms.allocationNonAccrual)}`,
    `Prepayment:          ${prepaymentLine(sheet)}`,
    `Direct debit:        from the account ${sheet.account}, at least CNY ${yuan(sheet.leastDebitCap)} at a time; you`,
    '                     sign its cap and its last day with this sheet',
    `If the consent ends: the bank can no longer read your records, from ${evidence.consentExpiry} at the latest or when you`,
    line === undefined
      ? '                     revoke it; this loan goes on by its terms, and the bank may ask for a new consent'
      : '                     revoke it; nothing more is drawn then, and what was drawn goes on by its terms',
    `Kept as evidence:    ${evidence.deliveries.length} deliveries that this loan cites, for ${evidence.retentionYears} years, sealed`,
    `Offer stands until:  ${sheet.expires}; once accepted the money is drawn by ${sheet.drawBy}`,
  ];
}
