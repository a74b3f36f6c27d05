import { addDays } from '../../chaincode/ledger/calendar';
import type { Instalment } from '../../chaincode/lending/engine/loan';
import type { DayClose } from '../../chaincode/lending/days/model';
import type { LoanView } from '../../chaincode/lending/loans/model';
import { enterpriseIdentity } from '../../network/set-up/identities';
import { balanceOf, issue, lendingChannel, newId, type OpenBank } from './bank';
import type { PaidOut } from './loan';
import { expectStatus, until, yuan, type Stage } from './stage';

/** The instalment that finds the account short. */
const lateNumber = 4;
/** Days until money comes in: beyond the product's days of grace. */
const daysLate = 12;
/** What the borrower leaves on its account. */
const left = 100_000n;

/** Twelve simulated months: collected by direct debit, one of them late and cured, until the last fen is repaid. */
export async function liveThroughTheYear(stage: Stage, bank: OpenBank, paidOut: PaidOut): Promise<void> {
  const { narrator } = stage;
  const { schedule, loanId } = paidOut;
  narrator.step('Twelve months pass; the servicing agent closes each day and collects what falls due');
  const began = performance.now();
  let owed = BigInt(paidOut.sheet.terms.principal);
  for (const instalment of schedule) {
    if (instalment.number === lateNumber) await payAway(stage, bank);
    const close = await closeThrough(stage, instalment.dueDate);
    if (instalment.number === lateNumber) {
      await beLateAndCure(stage, bank, paidOut, instalment, close);
      narrator.step('The months go on');
    } else {
      narrator.says(
        'bank-a',
        `${instalment.dueDate}  collected ${yuan(close.totals.collected)}, principal left ${yuan(close.totals.principal)}`,
      );
      if (close.totals.collected !== instalment.total)
        narrator.check(`instalment ${instalment.number} is collected as scheduled`, false, close);
    }
    owed -= BigInt(instalment.principal);
    const { position } = await loanOf(stage, loanId);
    if (position.principal !== String(owed))
      narrator.check(
        `the principal left after instalment ${instalment.number} is ${yuan(owed)}`,
        false,
        position,
      );
  }
  const days = schedule.reduce((last, { dueDate }) => (dueDate > last ? dueDate : last), '');
  const seconds = (performance.now() - began) / 1000;
  narrator.check(
    `eleven instalments are collected on their day as scheduled, to the fen (every day through ${days} closed, in ${seconds.toFixed(0)} s)`,
    owed === 0n,
    String(owed),
  );
}

/** The loan as the borrower reads it. */
export async function loanOf({ signIn, borrower }: Stage, loanId: string): Promise<LoanView> {
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  return expectStatus(await user.get(`/v1/loans/${loanId}`), 200, 'reading the loan') as unknown as LoanView;
}

/** Has the days closed up to and including one, and waits for it. */
async function closeThrough({ signIn }: Stage, through: string): Promise<DayClose> {
  const servicer = await signIn('bank-a', 'servicer');
  expectStatus(
    await servicer.post('/v1/business-days:close', { through }),
    202,
    `closing the days through ${through}`,
  );
  const day = await until(
    `the close of ${through}`,
    () => servicer.get(`/v1/business-days/${through}`),
    ({ state }) => state === 'CLOSED',
    { deadlineMs: 180_000, pauseMs: 250 },
  );
  return day.close as DayClose;
}

/** The borrower pays a supplier, with nearly all that is on its account: an order that two of its signatories sign. */
async function payAway(stage: Stage, bank: OpenBank): Promise<void> {
  const { narrator, signIn, borrower, neighbour, signatories } = stage;
  narrator.step('The borrower pays a supplier with nearly all it has');
  const [, director, finance] = signatories;
  const amount = String((await balanceOf(stage, borrower, bank.account)) - left);
  const order = {
    action: 'TRANSFER',
    channel: lendingChannel,
    orderId: newId(),
    enterprise: borrower.uscc,
    from: bank.account,
    to: bank.suppliersAccount,
    amount,
    expires: addDays(bank.firstDay, 2),
  };
  const [first, second] = await Promise.all([director.signOrder(order), finance.signOrder(order)]);
  narrator.says(director.name, first.words);
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const alone = await user.post('/v1/transfers', { order, signatures: [first.statement] });
  narrator.check(
    `one signature moves nothing: ${String(alone.body.code)}`,
    alone.body.code === 'QUORUM_MISSING',
    alone,
  );
  const signatures = [first.statement, second.statement];
  const raised = await user.post('/v1/transfers', { order: { ...order, amount: `${amount}0` }, signatures });
  narrator.check(
    `another amount than was signed is refused: ${String(raised.body.code)}`,
    raised.body.code === 'STATEMENT_MISMATCH',
    raised,
  );
  expectStatus(await user.post('/v1/transfers', { order, signatures }), 201, 'transferring');
  const arrived = await balanceOf(stage, neighbour, bank.suppliersAccount);
  narrator.check(`the supplier has ${yuan(amount)}`, arrived === BigInt(amount), String(arrived));
}

async function beLateAndCure(
  stage: Stage,
  bank: OpenBank,
  { loanId, sheet }: PaidOut,
  { dueDate, number, total }: Instalment,
  close: DayClose,
): Promise<void> {
  const { narrator, borrower } = stage;
  narrator.step(`Instalment ${number} of ${yuan(total)} falls due on ${dueDate}, and the account is short`);
  narrator.check(
    `what is there is taken, ${yuan(left)}, and no more`,
    close.totals.collected === String(left) && (await balanceOf(stage, borrower, bank.account)) === 0n,
    close,
  );
  const overdue = (await loanOf(stage, loanId)).position;
  const unpaid = sumOfUnpaid(overdue);
  narrator.check(
    `${yuan(unpaid)} stay unpaid`,
    unpaid === BigInt(total) - left && overdue.daysPastDue === 0,
    overdue,
  );
  await closeThrough(stage, addDays(dueDate, daysLate));
  const late = (await loanOf(stage, loanId)).position;
  narrator.says(
    'bank-a',
    `${daysLate} days later: ${late.daysPastDue} days past due, penalty interest of ${yuan(late.penaltyDue)}`,
  );
  narrator.check(
    `it is past due, and overdue money bears ${sheet.terms.penalty.principalRateMultiple} times the rate`,
    late.daysPastDue === daysLate && late.penaltyDue === penaltyOf(unpaid, sheet.annualRate),
    { late, expected: penaltyOf(unpaid, sheet.annualRate) },
  );
  const arrived = '65000000';
  await issue(stage, bank.account, arrived);
  narrator.says('borrower', `a customer pays ${yuan(arrived)}`);
  const cure = await closeThrough(stage, addDays(dueDate, daysLate + 1));
  const cured = (await loanOf(stage, loanId)).position;
  narrator.check(
    `the next close takes all that is owed with the penalty, ${yuan(cure.totals.collected)}: cured`,
    cured.daysPastDue === 0 &&
      cured.unpaid.length === 0 &&
      cured.penaltyDue === '0' &&
      cure.totals.collected === String(unpaid + BigInt(late.penaltyDue)),
    { cure, cured },
  );
}

function sumOfUnpaid({ unpaid }: LoanView['position']): bigint {
  return unpaid.reduce((sum, { principal, interest }) => sum + BigInt(principal) + BigInt(interest), 0n);
}

/**
 * Penalty interest by hand: 1.5 times the rate on what is overdue, actual days over 360, rounded half up. The close of a day
 * accrues until the next morning, so that the due date counts and so does the day that was closed last.
 */
export function penaltyOf(overdue: bigint, annualRate: string): string {
  const scaled = BigInt(Math.round(Number(annualRate) * 1e6));
  const numerator = overdue * scaled * 3n * BigInt(daysLate + 1);
  const denominator = 2n * 360n * 1_000_000n;
  return String((numerator * 2n + denominator) / (denominator * 2n));
}
