import type { TestIdentity, Endorsed } from '../../support/chaincode/ledger';
import { LoansWorld, approver, servicer } from '../../chaincode/lending/loans/world';
import { findFaults } from './checker';
import { LedgerFold, type LedgerTransaction } from './ledger-fold';
import type { Effect, Kind, Operation, Told } from './operations';

/** Remembers what each transaction wrote, as blocks do, and what its client was told. */
class RecordedWorld extends LoansWorld {
  readonly history: LedgerTransaction[] = [];
  readonly told: Told[] = [];

  override async run(name: string, input: unknown, caller: TestIdentity): Promise<Endorsed> {
    const endorsed = await super.run(name, input, caller);
    const writes = [...endorsed.set.writes].map(([key, value]) => ({ key, value: value?.toString('utf8') }));
    this.history.push({ id: endorsed.txId, writes });
    return endorsed;
  }

  /** Notes the last transaction as an operation that was acknowledged. */
  tell(kind: Kind, marker: RegExp, effect: Effect = {}): void {
    const last = this.history.at(-1);
    const found = last?.writes.find(({ key }) => marker.test(key));
    if (last === undefined || found === undefined)
      throw new Error(`nothing like ${marker.source} was written`);
    const operation: Operation = {
      number: this.told.length,
      kind,
      way: 'ONCE',
      steps: [],
      marker: found.key,
      effect,
    };
    this.told.push({ operation, state: 'DONE', transactions: [last.id] });
  }
}

type Document = Record<string, unknown>;
/** Changes a document; undefined removes the write. */
type Alteration = (document: Document) => Document | undefined;

/** The history with the last write of such a key altered. */
function altered(
  history: readonly LedgerTransaction[],
  key: RegExp,
  change: Alteration,
): LedgerTransaction[] {
  const index = history.findLastIndex(({ writes }) =>
    writes.some((write) => key.test(write.key) && write.value !== undefined),
  );
  if (index < 0) throw new Error(`no write like ${key.source}`);
  return history.map((transaction, each) =>
    each !== index
      ? transaction
      : {
          ...transaction,
          writes: transaction.writes.flatMap((write) => {
            if (!key.test(write.key) || write.value === undefined) return [write];
            const after = change(JSON.parse(write.value) as Document);
            return after === undefined ? [] : [{ key: write.key, value: JSON.stringify(after) }];
          }),
        },
  );
}

/** One fen more of one member. */
const oneMore =
  (member: string): Alteration =>
  (document) => ({ ...document, [member]: String(BigInt(document[member] as string) + 1n) });

/** Debits one fen more to a code and credits it to another: the entry stays balanced. */
function shifted(from: string, to: string): Alteration {
  return (document) => ({
    ...document,
    lines: (document.lines as { code: string; amount: string }[]).map((line) => {
      const by = line.code === from ? -1n : line.code === to ? 1n : 0n;
      return { ...line, amount: String(BigInt(line.amount) + by) };
    }),
  });
}

let world: RecordedWorld;

/** Deposits, a transfer, a hold, loans with days, a payment that is taken back and one that stays. */
beforeAll(async () => {
  world = new RecordedWorld();
  const open = async (amount: string): Promise<string> => {
    const account = await world.deposit();
    world.tell('OPEN_ACCOUNT', /^account~/);
    await world.issue(account, amount);
    world.tell('ISSUE', /^entry~issue/, {
      moves: [{ account, amount: BigInt(amount) }],
      issued: BigInt(amount),
    });
    return account;
  };
  const payer = await open('900000');
  const plain = await open('5000');
  await world.carryOut(world.order('TRANSFER', { from: payer, to: plain, amount: '70' }));
  world.tell('TRANSFER', /^entry~order/, {
    moves: [
      { account: payer, amount: -70n },
      { account: plain, amount: 70n },
    ],
  });
  await world.carryOut(world.order('HOLD', { from: plain, to: payer, amount: '400', until: '2026-12-30' }));
  world.tell('HOLD', /^order~/, { holds: [{ account: plain, amount: 400n }] });
  // A few days, so that instalments fall due.
  const loanId = await world.loan(payer, { paymentDay: 25, termMonths: 6 });
  world.tell('BOARD', /^entry~proposal/, { boarded: 1_200_000n });
  await world.loan(plain, { principal: '30000', type: 'PAM' });
  world.tell('BOARD', /^entry~proposal/, { boarded: 30_000n });
  await world.closeThrough('2026-11-24');
  const pay = async (amount: string) => {
    const quotedFor = (await world.today()).date;
    await world.pay(world.order('PREPAY', { from: payer, amount, loanId, extent: 'PART', quotedFor }));
    world.tell('PREPAY_PART', /^entry~order/);
  };
  await pay('20000');
  await world.closeThrough('2026-11-26');
  await pay('30000');
  const payment = (await world.facts(loanId)).find(({ fact }) => fact.type === 'PREPAID');
  const content = { loanId, sequence: payment?.sequence ?? 0, reason: 'BOUNCED' };
  await world.propose('REVERSE_PAYMENT', content, servicer);
  const last = world.history.at(-1)?.writes.find(({ key }) => key.startsWith('proposal~'))?.value ?? '{}';
  const { proposalId, digest } = JSON.parse(last) as { proposalId: string; digest: string };
  await world.run('approvals:Approve', { proposalId, digest }, approver);
  world.tell('REVERSE', /^entry~proposal/);
  await world.closeThrough('2026-11-28');
});

function faultsOf(
  history: readonly LedgerTransaction[],
  told: readonly Told[] = world.told,
): readonly string[] {
  const fold = new LedgerFold();
  for (const transaction of history) fold.add(transaction);
  return findFaults(fold, told);
}

it('finds nothing wrong with what the contracts wrote', () => {
  expect(faultsOf(world.history)).toEqual([]);
  expect(world.history.length).toBeGreaterThan(20);
});

const cases: readonly [string, RegExp, Alteration, RegExp][] = [
  [
    'interest that no loan accrued',
    /^entry~close/,
    shifted('INTEREST_INCOME', 'INTEREST_RECEIVABLE'),
    /INTEREST_INCOME: -\d+ is booked, terms and facts of the loans give/,
  ],
  [
    'a reversal that posts a fen elsewhere',
    /^entry~proposal/,
    shifted('INTEREST_RECEIVABLE', 'PRINCIPAL'),
    /PRINCIPAL: -?\d+ is booked/,
  ],
  [
    'a position that its terms and facts do not give',
    /^position~/,
    (document) => ({ ...document, position: oneMore('accrued')(document.position as Document) }),
    /stands at .* its terms and facts give/,
  ],
  [
    'a fact whose amount is another',
    /^fact~/,
    (document) => ({ ...document, fact: oneMore('amount')(document.fact as Document) }),
    /was changed/,
  ],
  [
    'a payment taken back that still counts',
    /^fact~/,
    ({ loanId, sequence, fact, source, reference, account }) => ({
      loanId,
      sequence,
      fact,
      source,
      reference,
      account,
    }),
    /its terms and facts give/,
  ],
  ['a fact that was left out', /^fact~/, () => undefined, /its terms and facts give/],
  [
    'terms that were changed',
    /^loan~/,
    (document) => ({ ...document, terms: { ...(document.terms as Document), dayCount: 'A365' } }),
    /are not of its digest/,
  ],
  [
    'a deposit below zero',
    /^account~/,
    (document) => ({ ...document, balance: '-1', held: '0' }),
    /is below zero/,
  ],
  [
    'a deposit that holds more than it has',
    /^account~/,
    (document) => ({ ...document, held: '99999999' }),
    /holds more than there is/,
  ],
  ['a deposit with a fen too much', /^account~/, oneMore('balance'), /deposits are what customers are owed/],
  [
    'an order that was not used up',
    /^order~/,
    () => undefined,
    /its order is not used up|on the ledger 0 times/,
  ],
  [
    'a day that was skipped',
    /^business-date/,
    (document) => ({ ...document, date: '2026-12-24' }),
    /the business date went/,
  ],
];

it.each(cases)('finds %s', (_name, key, change, fault) => {
  expect(faultsOf(altered(world.history, key, change)).join('\n')).toMatch(fault);
});

it('finds money that was issued beyond what the operations say, though books and deposits agree', () => {
  const key = /^(entry~issue|account~)/;
  const issue = world.history.findIndex(({ writes }) =>
    writes.some((write) => write.key.startsWith('entry~issue')),
  );
  const from = world.history.slice(0, issue + 1);
  const told = world.told.slice(0, 2);
  expect(faultsOf(from, told)).toEqual([]);
  const more = altered(from, key, (document) =>
    'lines' in document && Array.isArray(document.lines)
      ? shifted('CUSTOMER_DEPOSITS', 'CASH_AT_CORE')(document)
      : oneMore('balance')(document),
  );
  const faults = faultsOf(more, told).join('\n');
  expect(faults).toMatch(/was issued and not redeemed/);
  expect(faults).toMatch(/the operations give 900000/);
  expect(faults).not.toMatch(/customers are owed/);
});

it('finds an acknowledged operation that is not on the ledger, and one that is there twice', () => {
  const index = world.history.findIndex(({ writes }) =>
    writes.some(({ key }) => key.startsWith('entry~order')),
  );
  const transfer = world.history[index];
  if (transfer === undefined) throw new Error('no transfer');
  expect(faultsOf(world.history.filter((_, each) => each !== index)).join('\n')).toMatch(
    /\(TRANSFER, ONCE\) was acknowledged and is on the ledger 0 times/,
  );
  const again = [...world.history, { ...transfer, id: 'another' }];
  expect(faultsOf(again).join('\n')).toMatch(/is on the ledger 2 times/);
});

it('finds what was refused and left something, what should have been refused, and what nobody did', () => {
  const [first, ...rest] = world.told;
  if (first === undefined) throw new Error('nothing was told');
  const refused: Told = { ...first, state: 'REFUSED', code: 'INSUFFICIENT_FUNDS', transactions: [] };
  expect(faultsOf(world.history, [refused, ...rest]).join('\n')).toMatch(
    /was answered INSUFFICIENT_FUNDS and is on the ledger/,
  );
  const meant: Told = { ...first, operation: { ...first.operation, refusedAs: ['SAME_PERSON'] } };
  expect(faultsOf(world.history, [meant, ...rest]).join('\n')).toMatch(/to be refused and was carried out/);
  expect(faultsOf(world.history, rest).join('\n')).toMatch(/was made by nobody/);
  const odd: Told = { ...first, state: 'REFUSED', code: 'STATE_INVALID' };
  expect(faultsOf(world.history, [odd, ...rest]).join('\n')).toMatch(/which cannot be/);
});
