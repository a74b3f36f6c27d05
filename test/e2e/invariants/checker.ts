import { sumOf } from '../../../chaincode/ledger/money';
import { LedgerFold } from './ledger-fold';
import { mayBeRefused, type Effect, type Told } from './operations';

/**
 * Holds a ledger, as its blocks give it, against what clients were told and against the model's own count of money. The
 * lanes have to rest meanwhile, and all that was acknowledged has to be in the fold.
 *
 * @returns what is wrong; nothing where all holds.
 */
export function findFaults(fold: LedgerFold, told: readonly Told[]): readonly string[] {
  const done = told.filter((one) => isDone(fold, one));
  return [
    ...fold.faults,
    ...balanceFaults(fold),
    ...told.flatMap((one) => faultsOf(fold, one)),
    ...strangers(fold, done),
    ...moneyFaults(
      fold,
      done.map(({ operation: { effect } }) => effect),
    ),
  ];
}

/** Whether an operation came through: as it was told or, where nobody could tell, as the blocks have it. */
function isDone(fold: LedgerFold, { operation: { marker, refusedAs }, state }: Told): boolean {
  if (refusedAs !== undefined) return false;
  if (state !== 'UNKNOWN') return state === 'DONE';
  return marker !== undefined && fold.writers.has(marker);
}

function balanceFaults(fold: LedgerFold): readonly string[] {
  const { proofs, faults } = fold.balance();
  const { expected, posted } = fold.loanCodes();
  const codes = [...new Set([...expected.keys(), ...posted.keys()])];
  return [
    ...proofs.flatMap(({ name, left, right, holds }) => (holds ? [] : [`${name}: ${left} is not ${right}`])),
    ...faults,
    ...codes.flatMap((code) => {
      const [is, should] = [posted.get(code) ?? 0n, expected.get(code) ?? 0n];
      return is === should
        ? []
        : [`${code}: the journal has ${is}, terms and facts of all loans give ${should}`];
    }),
  ];
}

/** Acknowledged: on the ledger exactly once, by the transaction that the client was told. Refused: without a trace. */
function faultsOf(fold: LedgerFold, { operation, state, code, transactions }: Told): readonly string[] {
  const { number, kind, way, marker, refusedAs } = operation;
  const name = `operation ${number} (${kind}, ${way})`;
  const writers = marker === undefined ? [] : (fold.writers.get(marker) ?? []);
  const faults: string[] = [];
  if (refusedAs !== undefined && (state === 'DONE' || writers.length > 0))
    faults.push(`${name} was to be refused and was carried out`);
  if (state === 'DONE' && marker !== undefined) {
    if (writers.length !== 1)
      faults.push(`${name} was acknowledged and is on the ledger ${writers.length} times`);
    for (const id of transactions)
      if (!writers.includes(id))
        faults.push(`${name} was acknowledged as ${id}, which did not write ${marker}`);
  }
  if (state === 'UNKNOWN' && writers.length > 1)
    faults.push(`${name} is on the ledger ${writers.length} times`);
  if ((state === 'REFUSED' || state === 'FAILED') && writers.length > 0)
    faults.push(`${name} was answered ${code ?? ''} and is on the ledger`);
  if (state === 'REFUSED' && !mayBeRefused(operation, code ?? ''))
    faults.push(`${name} was refused as ${code ?? ''}, which cannot be`);
  return faults;
}

/** Accounts, orders and entries that no operation of the run has made; the day close is the bank's own. */
function strangers(fold: LedgerFold, done: readonly Told[]): readonly string[] {
  const markers = new Set(done.map(({ operation: { marker } }) => marker));
  const isKnown = (key: string) =>
    markers.has(key) || markers.has(key.replace(/^order~/, 'entry~order.')) || key.startsWith('entry~close.');
  return [...fold.writers.keys()].filter((key) => !isKnown(key)).map((key) => `${key} was made by nobody`);
}

/** Deposits, holds and money as the operations' definitions give them, with what loans took by their facts. */
function moneyFaults(fold: LedgerFold, effects: readonly Effect[]): readonly string[] {
  const balances = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  const add = (sums: Map<string, bigint>, account: string, amount: bigint) =>
    sums.set(account, (sums.get(account) ?? 0n) + amount);
  for (const { moves = [], holds = [] } of effects) {
    for (const { account, amount } of moves) add(balances, account, amount);
    for (const { account, amount } of holds) add(held, account, amount);
  }
  let intoLoans = 0n;
  for (const facts of fold.facts.values())
    for (const { fact, account, reversedBy } of facts) {
      if (account === undefined || reversedBy !== undefined || !('amount' in fact)) continue;
      add(balances, account, -BigInt(fact.amount));
      intoLoans += BigInt(fact.amount);
    }
  const faults: string[] = [];
  for (const [accountId, account] of fold.accounts) {
    const [balance, reserved] = [balances.get(accountId) ?? 0n, held.get(accountId) ?? 0n];
    if (BigInt(account.balance) !== balance)
      faults.push(`${accountId} has ${account.balance}, the operations give ${balance}`);
    if (BigInt(account.held) !== reserved)
      faults.push(`${accountId} holds ${account.held}, the operations give ${reserved}`);
  }
  const deposits = sumOf([...fold.accounts.values()].map(({ balance }) => BigInt(balance)));
  const issued = sumOf(effects.map((effect) => effect.issued ?? 0n));
  if (issued !== deposits + intoLoans)
    faults.push(`${issued} was issued and not redeemed; deposits and loans have ${deposits} + ${intoLoans}`);
  const atCore = issued - sumOf(effects.map(({ boarded = 0n }) => boarded));
  const { CASH_AT_CORE } = fold.balance().codes;
  if (CASH_AT_CORE !== atCore) faults.push(`CASH_AT_CORE is ${CASH_AT_CORE}, the operations give ${atCore}`);
  return faults;
}
