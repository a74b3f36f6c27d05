import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import type { PaymentOrder } from '../chaincode/lending/books/payment-order';
import { ServicingAgent } from '../gateway/agents/servicing';
import { positive } from '../network/cli/numbers';
import { networkDown, networkUp } from '../network/cli/network';
import type { NetworkContext, Runtime } from '../network/runtimes/runtime';
import { enterpriseIdentity } from '../network/set-up/identities';
import { projectRoot } from '../network/topology/project';
import type { SigningKey } from '../signer/keyfile';
import { signPaymentOrder } from '../signer/payment-order';
import { batch, printTable, type Throughput } from './measure';
import {
  channel,
  dayAfter,
  deposit,
  endorsers,
  ledgerOf,
  lending,
  loanId,
  Portfolio,
  richDeposits,
} from './portfolio';

interface Options {
  readonly runtime: Runtime['name'];
  readonly operations: number;
  readonly lanes: number;
  readonly portBase?: number;
}

const deadlines = { evaluateMs: 60_000, endorseMs: 60_000, submitMs: 60_000, commitStatusMs: 60_000 };
/** By then every loan has an instalment that its empty deposit could not pay. */
const closedThrough = dayAfter(4);
const today = dayAfter(5);

const functions = {
  TRANSFER: 'books:Transfer',
  REPAY: 'loans:Repay',
  PREPAY: 'loans:Prepay',
} as const;

type Payment = Extract<PaymentOrder, { readonly action: keyof typeof functions }>;
type Members = Omit<Payment, 'channel' | 'orderId' | 'enterprise' | 'expires'>;

/**
 * Payments a second by signed orders, two endorsers verifying each; beside them what the contract does at the least, opening
 * a deposit, in the same run. Orders are signed before the clock starts.
 */
async function main({ runtime, operations, lanes, portBase }: Options): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-payments-'));
  const silent = (): void => undefined;
  try {
    const consortium = path.join(projectRoot, 'bench', 'lending.yaml');
    const context = await networkUp({
      ...{ directory, runtime, consortium, gateways: false, progress: silent },
      ...(portBase === undefined ? {} : { portBase }),
    });
    const portfolio = new Portfolio(context);
    console.error(`bringing ${operations} loans onto the ledger, and all of them into arrears`);
    const plan = { loans: operations, due: operations, short: 0, arrears: operations };
    const key = await portfolio.make(plan, silent);
    const agent = new ServicingAgent({ days: portfolio.days(), logger: pino({ level: 'silent' }) });
    await agent.closeThrough(closedThrough);
    printTable(await measure(context, portfolio.uscc, key, { operations, lanes }));
    portfolio.close();
  } finally {
    await networkDown(directory, silent);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(
  context: NetworkContext,
  uscc: string,
  key: SigningKey,
  { operations, lanes }: Pick<Options, 'operations' | 'lanes'>,
): Promise<readonly Throughput[]> {
  const bank = ledgerOf(context, 'bank-a', { deadlines });
  const platform = ledgerOf(context, 'enterprise', { deadlines });
  const owner = enterpriseIdentity(uscc);
  const indexes = Array.from({ length: operations }, (_, index) => index);
  let orders = 0;

  const pay = async (name: string, at: number, order: (index: number) => Members): Promise<Throughput> => {
    const signed = await Promise.all(
      indexes.map(async (index) => {
        const whole = {
          ...order(index),
          ...{ channel, enterprise: uscc, expires: '2099-12-31' },
          orderId: `bench-order-${String(++orders).padStart(10, '0')}`,
        } as Payment;
        return {
          name: functions[whole.action],
          input: { order: whole, signatures: [await signPaymentOrder(whole, key, new Date().toISOString())] },
        };
      }),
    );
    const call = { identity: owner, channel, chaincode: lending, endorsers };
    return batch(`${name}, ${at} at once`, at, signed, (one) => platform.submit({ ...call, ...one }));
  };

  const rows = [
    await batch(`open a deposit, ${lanes} at once`, lanes, indexes, (index) =>
      bank.submit({
        ...{ identity: 'treasurer', channel, chaincode: lending, endorsers, name: 'books:OpenAccount' },
        input: { accountId: deposit('bench', index), owner: uscc },
      }),
    ),
    await pay('transfer between different deposits', Math.min(lanes, richDeposits), (index) => ({
      ...{ action: 'TRANSFER', from: deposit('rich', index % richDeposits), to: deposit('poor', index) },
      amount: '1000000',
    })),
    await pay('transfer to one and the same deposit', lanes, (index) => ({
      ...{ action: 'TRANSFER', from: deposit('poor', index), to: deposit('bench', 0), amount: '1000' },
    })),
    await pay('repay what is due of a loan', lanes, (index) => ({
      ...{ action: 'REPAY', from: deposit('poor', index), loanId: loanId(index), amount: '500000' },
    })),
    await pay('prepay a part of a loan', lanes, (index) => ({
      ...{ action: 'PREPAY', from: deposit('poor', index), loanId: loanId(index), amount: '20000' },
      ...{ extent: 'PART', quotedFor: today },
    })),
  ];
  bank.close();
  platform.close();
  return rows;
}

new Command('bench:payments --')
  .description('Measures transfers, repayments and prepayments by signed orders.')
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option('--operations <n>', 'operations of each kind', positive, 500)
  .option('--lanes <n>', 'operations under way at once', positive, 16)
  .option('--port-base <n>', "first port, in place of the consortium file's", positive)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
