import { status, type ServiceError } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { LedgerError } from '../../../gateway/ledger/errors';
import { Retries, type TransactionAttempt } from '../../../gateway/ledger/retry';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, ENDORSEMENT_POLICY_FAILURE } =
  peer.TxValidationCode;

function failure(code: status, ...messages: string[]): GatewayError {
  return failureAt(code, ...messages.map((message) => ({ mspId: 'AMSP', message })));
}

/** A failure with what the peers of several organisations said. */
function failureAt(
  code: status,
  ...said: readonly { readonly mspId: string; readonly message: string }[]
): GatewayError {
  const cause = Object.assign(new Error('rpc'), { code, details: 'rpc' }) as ServiceError;
  const details = said.map((one) => ({ address: 'peer:1', ...one }));
  return new GatewayError({ code, details, cause, message: 'rpc failed' });
}

/** A network in which each step of each attempt does what a script says: an error fails it, a number is the commit code. */
function network(script: {
  readonly endorse?: readonly (Error | undefined)[];
  readonly submit?: readonly (Error | undefined)[];
  readonly status?: readonly (Error | number)[];
}) {
  const log: string[] = [];
  const steps = {
    endorse: [...(script.endorse ?? [])],
    submit: [...(script.submit ?? [])],
    status: [...(script.status ?? [])],
  };
  let attempts = 0;
  const begin = (): TransactionAttempt => {
    const transactionId = `tx${++attempts}`;
    const step = (name: 'endorse' | 'submit') => {
      log.push(`${name} ${transactionId}`);
      const next = steps[name].shift();
      return next === undefined ? Promise.resolve() : Promise.reject(next);
    };
    return {
      transactionId,
      endorsers: 2,
      endorse: async () => {
        await step('endorse');
        return {
          result: new Uint8Array(),
          submit: async () => {
            await step('submit');
            return {
              status: () => {
                log.push(`status ${transactionId}`);
                const next = steps.status.shift() ?? VALID;
                return typeof next === 'number'
                  ? Promise.resolve({ code: next, blockNumber: 3n })
                  : Promise.reject(next);
              },
            };
          },
        };
      },
    };
  };
  return { begin, log };
}

const settings = { conflicts: 2, disagreements: 2, connection: 2, initialDelay: 1, maxDelay: 2 };
const retries = new Retries(settings);

async function refused(transaction: Promise<unknown>): Promise<LedgerError> {
  const error = await transaction.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LedgerError)) throw new Error('no LedgerError', { cause: error });
  return error;
}

it('asks for the status of the same transaction again after a time-out', async () => {
  const { begin, log } = network({
    status: [failure(status.DEADLINE_EXCEEDED), failure(status.UNAVAILABLE), VALID],
  });
  await expect(retries.transact(begin)).resolves.toMatchObject({ transactionId: 'tx1', blockNumber: 3n });
  expect(log).toEqual(['endorse tx1', 'submit tx1', 'status tx1', 'status tx1', 'status tx1']);
});

it('submits the same transaction again after the connection failed', async () => {
  const { begin, log } = network({ submit: [failure(status.UNAVAILABLE)] });
  await retries.transact(begin);
  expect(log).toEqual(['endorse tx1', 'submit tx1', 'submit tx1', 'status tx1']);
});

it.each(['submit', 'status'] as const)(
  'never makes a new one while the first is in doubt after %s',
  async (step) => {
    const down = [1, 2, 3].map(() => failure(status.UNAVAILABLE));
    const { begin, log } = network({ [step]: down });
    const error = await refused(retries.transact(begin));
    expect([error.code, error.transactionId]).toEqual(['TRANSACTION_STATUS_UNKNOWN', 'tx1']);
    expect(log.some((line) => line.includes('tx2'))).toBe(false);
  },
);

it.each([MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT])(
  'makes a new transaction after read conflict %i',
  async (code) => {
    const { begin, log } = network({ status: [code, VALID] });
    await expect(retries.transact(begin)).resolves.toMatchObject({ transactionId: 'tx2' });
    expect(log.filter((line) => line.startsWith('endorse'))).toEqual(['endorse tx1', 'endorse tx2']);
  },
);

it('gives up after so many conflicts', async () => {
  const { begin, log } = network({ status: [1, 2, 3, 4].map(() => MVCC_READ_CONFLICT) });
  expect((await refused(retries.transact(begin))).code).toBe('STATE_CHANGED');
  expect(log.filter((line) => line.startsWith('endorse'))).toHaveLength(3);
});

it('makes a new transaction where the endorsers saw different states', async () => {
  const { begin } = network({ endorse: [failure(status.ABORTED, 'ProposalResponsePayloads do not match')] });
  await expect(retries.transact(begin)).resolves.toMatchObject({ transactionId: 'tx2' });
});

const refusal = 'chaincode response 500, BEYOND_CONSENT[items.0.fields]: is not covered';
const byAll = failureAt(
  status.ABORTED,
  { mspId: 'AMSP', message: refusal },
  { mspId: 'BMSP', message: refusal },
);

it("does not repeat what a contract refused, and takes the contract's code and field", async () => {
  const { begin, log } = network({ endorse: [byAll] });
  const error = await refused(retries.transact(begin));
  expect(error).toMatchObject({
    code: 'BEYOND_CONSENT',
    field: 'items.0.fields',
    message: 'is not covered',
    stage: 'endorse',
    fromContract: true,
    transactionId: 'tx1',
  });
  expect(log).toEqual(['endorse tx1']);
});

it('makes a new transaction where one of two endorsers refused: it may be behind the other', async () => {
  const { begin } = network({ endorse: [failure(status.ABORTED, refusal)] });
  await expect(retries.transact(begin)).resolves.toMatchObject({ transactionId: 'tx2' });
});

it('makes a new transaction where two endorsers refuse for different reasons', async () => {
  const behind = 'chaincode response 500, NOT_FOUND: there is no such proposal';
  const apart = failureAt(
    status.ABORTED,
    { mspId: 'AMSP', message: behind },
    { mspId: 'BMSP', message: refusal },
  );
  const { begin, log } = network({ endorse: [apart, byAll] });
  expect((await refused(retries.transact(begin))).code).toBe('BEYOND_CONSENT');
  expect(log).toEqual(['endorse tx1', 'endorse tx2']);
});

it('takes the refusal of one of two endorsers for what it is when it stands', async () => {
  const { begin, log } = network({ endorse: [1, 2, 3, 4].map(() => failure(status.ABORTED, refusal)) });
  const error = await refused(retries.transact(begin));
  expect([error.code, error.fromContract, error.transactionId]).toEqual(['BEYOND_CONSENT', true, 'tx3']);
  expect(log).toEqual(['endorse tx1', 'endorse tx2', 'endorse tx3']);
});

it('does not repeat what the policy refused', async () => {
  const { begin, log } = network({ status: [ENDORSEMENT_POLICY_FAILURE] });
  const error = await refused(retries.transact(begin));
  expect([error.code, error.message]).toEqual([
    'TRANSACTION_INVALID',
    'the transaction was committed as invalid: ENDORSEMENT_POLICY_FAILURE',
  ]);
  expect(log).toHaveLength(3);
});

it('reads again while the peer cannot be reached, and then says so', async () => {
  let calls = 0;
  const read = retries.read(() => {
    calls++;
    return Promise.reject(failure(status.UNAVAILABLE));
  });
  const error = await refused(read);
  expect([error.code, calls]).toEqual(['LEDGER_UNAVAILABLE', 3]);
});

it('passes on what is no failure of the ledger', async () => {
  await expect(retries.read(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow(TypeError);
});
