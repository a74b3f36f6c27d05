import { InvalidArgumentError, Option, type Command } from 'commander';
import { ledgerCodes } from '../../../chaincode/lending/books/codes';
import { TrialBalance, type Balance } from '../../../chaincode/lending/books/trial-balance';
import { channelHeight, readWrites } from '../../../network/client/blocks';
import { connectOrganisation } from '../../../network/client/connect';
import { gatewayIdentity } from '../../../network/identity/identities';
import { directoryOption, organisationOption, print, type NetworkOptions } from './options';

interface Options extends NetworkOptions {
  readonly channel: string;
  readonly block?: number;
  readonly identity: string;
  readonly json?: true;
}

/** A trial balance that does not prove. */
export class DoesNotProve extends Error {}

/**
 * Reads a lending channel's blocks from the organisation's own peer and adds them up. No contract is asked.
 *
 * @param block last block that counts; the channel's last one by default.
 * @throws where the peer does not answer or the channel has no such block.
 */
export async function trialBalanceAt(
  directory: string,
  organisation: string,
  identity: string,
  channel: string,
  block?: number,
): Promise<Balance & { readonly block: number }> {
  const connection = connectOrganisation(directory, organisation, identity);
  try {
    const known = await channelHeight(connection.gateway, channel);
    const height = block === undefined ? known : block + 1;
    if (height > known) throw new Error(`${channel} has ${known} blocks, the last one is ${known - 1}`);
    const trial = new TrialBalance();
    for await (const { writes } of readWrites(connection.gateway, channel, 'lending', { height }))
      for (const { key, value } of writes) trial.add(key, value);
    return { ...trial.balance(), block: height - 1 };
  } finally {
    connection.close();
  }
}

async function run(options: Options): Promise<void> {
  const { directory, organisation, identity, channel, block } = options;
  const balance = await trialBalanceAt(directory, organisation, identity, channel, block);
  print(options.json === true ? asJson(balance) : render(balance, channel));
  if (!balance.holds) throw new DoesNotProve('the books do not prove');
}

function asJson(balance: Balance): string {
  return JSON.stringify(
    balance,
    (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    2,
  );
}

/** The balance as bookkeepers read it: debits left, credits right, in yuan. */
export function render(balance: Balance & { readonly block: number }, channel: string): string {
  const width = 26;
  const line = (name: string, debit: string, credit: string) =>
    `${name.padEnd(30)}${debit.padStart(width)}${credit.padStart(width)}`.trimEnd();
  const sums = ledgerCodes.map((code) => balance.codes[code]);
  const total = (of: readonly bigint[]) => yuan(of.reduce((sum, amount) => sum + amount, 0n));
  return [
    `${channel}, after block ${balance.block}: ${balance.entries} entries, ${balance.deposits} deposits, ${balance.loans} loans`,
    line('', 'debit CNY', 'credit CNY'),
    ...ledgerCodes.map((code, index) => {
      const amount = sums[index] ?? 0n;
      return line(code, amount > 0n ? yuan(amount) : '', amount < 0n ? yuan(-amount) : '');
    }),
    line(
      'Total',
      total(sums.filter((sum) => sum > 0n)),
      total(sums.filter((sum) => sum < 0n).map((sum) => -sum)),
    ),
    ...balance.proofs.map(
      ({ name, left, right, holds }) => `${holds ? 'holds   ' : 'DIFFERS '} ${name} (${left} = ${right})`,
    ),
    ...balance.faults.map((fault) => `FAULT    ${fault}`),
  ].join('\n');
}

function yuan(fen: bigint): string {
  const digits = fen.toString().padStart(3, '0');
  return `${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`;
}

function blockNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Adds `trial-balance`. */
export function addTrialBalance(program: Command): void {
  program
    .command('trial-balance')
    .description("add up a lending channel's books from its blocks alone, and prove them")
    .addOption(directoryOption())
    .addOption(organisationOption())
    .addOption(new Option('--channel <name>', 'lending channel').makeOptionMandatory())
    .addOption(
      new Option('--block <number>', 'as of this block; the last one by default').argParser(blockNumber),
    )
    .addOption(new Option('--identity <id>', 'identity that may read whole blocks').default(gatewayIdentity))
    .option('--json', 'as JSON, amounts in fen')
    .action(run);
}
