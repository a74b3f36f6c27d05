import { peer } from '@hyperledger/fabric-protos';
import fc from 'fast-check';
import { bytes, chaincode, text, World } from './world';
import type { TransactionSimulator } from '../../../../network/runtimes/embedded/ledger/types';

const { MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, VALID } = peer.TxValidationCode;

/** What one transaction does; all of it is decided before it is simulated. */
interface Plan {
  readonly reads: readonly string[];
  /** Ends of a range that is read to its end. */
  readonly range: readonly [string, string] | undefined;
  readonly writes: readonly (readonly [string, string | undefined])[];
  /** Blocks that pass between simulation and commit. */
  readonly delay: number;
}

/** The state as a map, where a version is any value that differs for each write. */
type Model = ReadonlyMap<string, { readonly value: string; readonly version: string }>;

interface Pending {
  readonly plan: Plan;
  readonly seen: Model;
  readonly envelope: Uint8Array;
  readonly due: number;
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const plan: fc.Arbitrary<Plan> = fc.record({
  reads: fc.uniqueArray(key, { maxLength: 2 }),
  range: fc.option(fc.tuple(key, key), { nil: undefined, freq: 3 }),
  writes: fc.uniqueArray(fc.tuple(key, fc.option(fc.constantFrom('1', '2'), { nil: undefined })), {
    selector: ([name]) => name,
    maxLength: 2,
  }),
  delay: fc.constantFrom(0, 0, 1, 2),
});

const rangeOf = (model: Model, [start, end]: readonly [string, string]): string =>
  JSON.stringify(
    [...model]
      .filter(([name]) => name >= start && name < end)
      .map(([name, { version }]) => [name, version])
      .sort(),
  );

/** Fabric's rule in a few lines: what was read must be unwritten in this block, and of the same version. */
function expectedCode(
  { plan: { reads, range }, seen }: Pending,
  before: Model,
  now: Model,
  touched: ReadonlySet<string>,
) {
  const stale = reads.some(
    (name) => touched.has(name) || seen.get(name)?.version !== before.get(name)?.version,
  );
  if (stale) return MVCC_READ_CONFLICT;
  if (range !== undefined && rangeOf(seen, range) !== rangeOf(now, range)) {
    return PHANTOM_READ_CONFLICT;
  }
  return VALID;
}

async function simulate(simulator: TransactionSimulator, { reads, range, writes }: Plan) {
  for (const name of reads) simulator.getState(chaincode, name);
  if (range !== undefined) {
    const iterator = simulator.getStateRange(chaincode, ...range);
    while ((await iterator.next()) !== undefined);
  }
  for (const [name, value] of writes) {
    simulator.putState(chaincode, name, value === undefined ? undefined : bytes(value));
  }
}

describe('random transactions', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.create();
  });
  afterAll(() => world.destroy());

  it('end as a simple model says, with the same state', async () => {
    let model: Model = new Map();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(plan, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        async (blocks) => {
          let pending: Pending[] = [];
          for (let step = 0; step < blocks.length || pending.length > 0; step++) {
            for (const next of blocks[step] ?? []) {
              const envelope = await world.transaction((s) => simulate(s, next));
              pending.push({ plan: next, seen: model, envelope, due: step + next.delay });
            }
            const block = pending.filter(({ due }) => due <= step);
            pending = pending.filter(({ due }) => due > step);
            if (block.length === 0) continue;
            const number = world.ledger.height;
            const before = model;
            const touched = new Set<string>();
            const expected = block.map((transaction, index) => {
              const code = expectedCode(transaction, before, model, touched);
              if (code !== VALID) return code;
              model = written(model, transaction.plan, `${number}.${index}`);
              for (const [name] of transaction.plan.writes) touched.add(name);
              return code;
            });
            expect(await world.commit(...block.map(({ envelope }) => envelope))).toEqual(expected);
          }
          await world.query((s) => {
            for (const name of ['a', 'b', 'c', 'd', 'e']) {
              expect(text(s.getState(chaincode, name))).toBe(model.get(name)?.value);
            }
          });
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});

function written(model: Model, { writes }: Plan, version: string): Model {
  const next = new Map(model);
  for (const [name, value] of writes) {
    if (value === undefined) next.delete(name);
    else next.set(name, { value, version });
  }
  return next;
}
