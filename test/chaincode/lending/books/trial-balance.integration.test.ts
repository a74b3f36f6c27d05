import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Contract } from '@hyperledger/fabric-gateway';
import type { Account, JournalEntry, JournalLine } from '../../../../chaincode/lending/books/model';
import { exportPostings } from '../../../../gateway/core-banking/export';
import { PostingsFile } from '../../../../gateway/core-banking/postings-file';
import { render, trialBalanceAt } from '../../../../gateway/lending/cli/trial-balance';
import { channelHeight, readWrites } from '../../../../network/client/blocks';
import { gatewayIdentity } from '../../../../network/identity/identities';
import { testNetwork, type TestNetwork } from '../../../support/network';

const channel = 'lending-bank-a';
const date = '2026-11-23';
const command =
  process.env.LENDING_MAIN ?? path.resolve(__dirname, '../../../../dist/gateway/lending/cli/main.js');
let network: TestNetwork;
let contract: Contract;

beforeAll(async () => {
  network = await testNetwork({ consortium: path.join(__dirname, 'consortium.yaml'), fresh: true });
  contract = network.connect('bank-a').gateway.getNetwork(channel).getContract('lending');
}, 180_000);

afterAll(() => network.close());

const put = (key: string, document: object) =>
  contract.submitTransaction('put', key, JSON.stringify(document));

const account = (accountId: string, balance: string): Account => ({
  accountId,
  owner: '91310000MA1K4BCD3X',
  status: 'OPEN',
  balance,
  held: '0',
  openedAt: '2026-11-23T04:00:00.000Z',
  lines: 1,
});

const entry = (entryId: string, lines: Omit<JournalLine, 'date'>[]): JournalEntry => ({
  entryId,
  date,
  kind: 'ISSUE',
  reference: 'test',
  lines: lines.map((line) => ({ date, ...line })),
});

const atOf = (organisation: string, block?: number) =>
  trialBalanceAt(network.directory, organisation, gatewayIdentity, channel, block);

const run = (...more: string[]) =>
  spawnSync(
    process.execPath,
    [command, 'trial-balance', '--directory', network.directory, '--channel', channel, ...more],
    { encoding: 'utf8', timeout: 30_000 },
  );

it('proves the books from the blocks, for every member, at every block', async () => {
  const deposit = 'deposit-0123456789abcdef';
  await put(`account~${deposit}`, account(deposit, '500'));
  await put(
    'entry~issue.one',
    entry('issue.one', [
      { code: 'CASH_AT_CORE', amount: '500' },
      { code: 'CUSTOMER_DEPOSITS', amount: '-500', deposit },
    ]),
  );
  const good = await atOf('bank-a');
  expect(good).toMatchObject({ holds: true, entries: 1, deposits: 1, faults: [] });
  expect(good.codes).toMatchObject({ CASH_AT_CORE: 500n, CUSTOMER_DEPOSITS: -500n });
  expect(await atOf('platform', good.block)).toEqual(good);
  expect(render(good, channel)).toMatch(/CASH_AT_CORE\s+5\.00\n[^]*Total\s+5\.00\s+5\.00/);

  const told = run('--organisation', 'platform', '--json');
  expect(told).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(told.stdout)).toMatchObject({ holds: true, codes: { CASH_AT_CORE: '500' } });
  expect(run('--organisation', 'nobody').status).toBe(1);
  expect(run().status).toBe(2);

  const exported = mkdtempSync(path.join(tmpdir(), 'postings-'));
  const { gateway } = network.connect('bank-a', gatewayIdentity);
  for (const count of [1, 0]) {
    const sink = new PostingsFile(exported);
    expect(await exportPostings(gateway, channel, sink)).toBe(count);
    expect(sink.next()).toBe(good.block + 1);
    sink.close();
  }
  rmSync(exported, { recursive: true });

  // The deposit alone, a block earlier, is money that the journal knows nothing of.
  const half = await atOf('bank-a', good.block - 1);
  expect(half.holds).toBe(false);
  expect(half.proofs.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual([
    'deposits are what customers are owed',
    'deposits that differ from their own journal',
  ]);
  await expect(atOf('bank-a', good.block + 1)).rejects.toThrow('the last one is');

  // Whoever changes what is booked, moves principal past the journal or books one side is found.
  await put('position~loan-1', { position: { principal: '7' } });
  await put(
    'entry~issue.two',
    entry('issue.two', [
      { code: 'PRINCIPAL', amount: '9' },
      { code: 'CASH_AT_CORE', amount: '-8' },
    ]),
  );
  await put(
    'entry~issue.one',
    entry('issue.one', [
      { code: 'CASH_AT_CORE', amount: '1' },
      { code: 'SUSPENSE', amount: '-1' },
    ]),
  );
  expect(run('--organisation', 'bank-a')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/DIFFERS {2}all codes sum to zero \(1 = 0\)/) as string,
    stderr: 'lending: the books do not prove\n',
  });
  const bad = await atOf('platform');
  expect(bad.faults).toEqual([
    'entry~issue.two does not sum to zero',
    'entry~issue.one was changed after it was booked',
  ]);
  expect(bad.proofs.map(({ holds }) => holds)).toEqual([false, true, true, false, true]);
});

it('counts what committed valid, and nothing else', async () => {
  const { gateway } = network.connect('bank-a', gatewayIdentity);
  const from = await channelHeight(gateway, channel);
  await contract.submitTransaction('put', 'race', '1');
  // Both read the same version; one of them loses.
  const proposals = await Promise.all(
    [1, 2].map(async () => contract.newProposal('increment', { arguments: ['race'] }).endorse()),
  );
  const submitted = await Promise.all(proposals.map(async (one) => one.submit()));
  const codes = await Promise.all(submitted.map(async (one) => (await one.getStatus()).successful));
  expect(codes.filter(Boolean)).toHaveLength(1);
  await contract.submitTransaction('del', 'race');
  const height = await channelHeight(gateway, channel);
  const writes: [string, string | undefined][] = [];
  for await (const block of readWrites(gateway, channel, 'lending', { from, height }))
    writes.push(...block.writes.map(({ key, value }): [string, string | undefined] => [key, value]));
  expect(writes).toEqual([
    ['race', '1'],
    ['race', '2'],
    ['race', undefined],
  ]);
});

it('is refused to an identity that may not read blocks', async () => {
  await network.issue('bank-a', { id: 'clerk', ou: 'client', attributes: { role: 'servicer' } });
  await expect(trialBalanceAt(network.directory, 'bank-a', 'clerk', channel)).rejects.toThrow(
    'access denied',
  );
});
