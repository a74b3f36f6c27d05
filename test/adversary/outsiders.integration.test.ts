import { randomBytes } from 'node:crypto';
import { responseKeyEntry } from '../../chaincode/ledger/sealed';
import { failureOf } from '../network/conformance/probe';
import { blockOf } from './blocks';
import {
  agent,
  bankMsp,
  channel,
  enterpriseMsp,
  officer,
  otherOfficer,
  platform,
  purger,
  refusalOf,
  Scenario,
  supervisor,
  type Actor,
  type Enterprise,
  type Prepared,
} from './scenario';

/** What those try who have no part in a share: other members' clients, other enterprises, the other bank. */

/** What a peer says of a channel that it has not joined. */
const notMember = `failed to get config for channel [${channel}]: could not get last config for channel ${channel}`;

let scenario: Scenario;
let enterprise: Enterprise;
let other: Enterprise;
let share: Prepared;

beforeAll(async () => {
  scenario = await Scenario.start();
  enterprise = await scenario.newEnterprise();
  other = await scenario.newEnterprise();
  await scenario.attest(enterprise, [7, 8]);
  share = await scenario.delivered(enterprise);
}, 300_000);

afterAll(() => scenario.close());

const freshKey = (): Record<string, string> => ({
  [responseKeyEntry]: randomBytes(32).toString('base64url'),
});
const readProposal = (endorsers?: string[]) => ({
  arguments: [JSON.stringify({ requestId: share.requestId })],
  transientData: freshKey(),
  ...(endorsers === undefined ? {} : { endorsingOrganizations: endorsers }),
});

describe("another member's client", () => {
  const posing: Actor = { organisation: 'enterprise', identity: 'posing-officer' };

  beforeAll(() =>
    scenario.network.issue(posing.organisation, {
      id: posing.identity,
      ou: 'client',
      attributes: { role: 'credit-officer,purge-agent' },
    }),
  );

  it.each<[string, Actor]>([
    ["the enterprise's user", { organisation: 'enterprise', identity: '' }],
    ["the enterprises' platform", platform],
    ['the regulator', supervisor],
    ['the provider', agent],
    ["one who gave itself an officer's role", posing],
  ])("%s reads nothing on the bank's peer", async (_, named) => {
    const actor = named.identity === '' ? enterprise.owner : named;
    expect(await refusalOf(scenario.read(share.requestId, actor, [bankMsp]))).toBe('PRIVATE_READ_REFUSED');
    const call = scenario.over('bank-a', actor, (gateway) =>
      gateway.getNetwork(channel).getContract('sharing').evaluate('ReadDelivery', readProposal()),
    );
    expect(await refusalOf(call)).toBe('PRIVATE_READ_REFUSED');
  });

  it('of the bank itself reads only as an officer, and only with a key for the answer', async () => {
    expect(await refusalOf(scenario.read(share.requestId, purger))).toBe('UNAUTHORISED_ROLE');
    const { requestId } = share;
    expect(await refusalOf(scenario.evaluate(officer, 'ReadDelivery', { requestId }))).toBe(
      'RESPONSE_KEY_REQUIRED',
    );
    expect(
      await refusalOf(
        scenario.evaluate(
          officer,
          'ReadDelivery',
          { requestId },
          { transient: { responseKey: 'guessable' } },
        ),
      ),
    ).toBe('RESPONSE_KEY_REQUIRED');
    expect(await scenario.read(requestId)).toEqual(share.delivery);
  });

  it('finds only ciphertext where a read was submitted', async () => {
    const transaction = await scenario
      .contract(officer)
      .newProposal('ReadDelivery', readProposal([bankMsp]))
      .endorse();
    const { ciphertext } = JSON.parse(Buffer.from(transaction.getResult()).toString()) as {
      ciphertext: string;
    };
    const commit = await transaction.submit();
    const { blockNumber } = await commit.getStatus();
    const block = Buffer.from((await blockOf(scenario, channel, blockNumber)).serializeBinary());
    expect(block.includes(ciphertext)).toBe(true);
    for (const { disclosures, jwt } of share.delivery.presentations)
      for (const secret of [jwt, ...disclosures]) expect(block.includes(secret)).toBe(false);
  });
});

describe('an enterprise after what another has shared', () => {
  it('is refused every query', async () => {
    const { requestId, artefact } = share;
    const { consentId } = artefact;
    const asking = (name: string, input: unknown, on = channel) =>
      refusalOf(scenario.evaluate(other.owner, name, input, { on }));
    expect(await asking('GetRequest', { requestId })).toBe('NOT_YOUR_RECORD');
    expect(await asking('GetConsent', { consentId })).toBe('NOT_YOUR_RECORD');
    expect(await asking('ListConsents', { enterprise: enterprise.uscc })).toBe('NOT_YOUR_RECORD');
    expect(await asking('ListRequests', { consentId })).toBe('NOT_YOUR_RECORD');
    expect(await asking('AccessLog', { enterprise: enterprise.uscc })).toBe('NOT_YOUR_RECORD');
    expect(await asking('GetEnterprise', { uscc: enterprise.uscc }, 'registry')).toBe('NOT_YOUR_RECORD');
    expect(await asking('Evidence', { uscc: enterprise.uscc }, 'registry')).toBe('NOT_YOUR_RECORD');
    expect(await scenario.evaluate(other.owner, 'ListConsents', {})).toEqual({ items: [], bookmark: '' });
  });

  it.each(['enterprise', 'bank-a', 'tax'])('gets no block of the peer of %s by Deliver', async (peerOf) => {
    await scenario.over(peerOf, other.owner, async (gateway) => {
      const network = gateway.getNetwork(channel);
      for (const open of [
        () => network.getBlockEvents({ startBlock: 0n }),
        () => network.getFilteredBlockEvents({ startBlock: 0n }),
        () => network.getBlockAndPrivateDataEvents({ startBlock: 0n }),
      ]) {
        const received: unknown[] = [];
        const reading = (async () => {
          const blocks: AsyncIterable<unknown> = await open();
          for await (const block of blocks) received.push(block);
        })();
        await expect(reading).rejects.toThrow(/403|FORBIDDEN/);
        expect(received).toEqual([]);
      }
    });
  });

  it.each(['enterprise', 'bank-a'])('gets none of the peer of %s by qscc', async (peerOf) => {
    await scenario.over(peerOf, other.owner, async (gateway) => {
      const qscc = gateway.getNetwork(channel).getContract('qscc');
      for (const [name, argument] of [
        ['GetBlockByNumber', '1'],
        ['GetChainInfo', ''],
        ['GetTransactionByID', '0'.repeat(64)],
      ] as const)
        expect(await failureOf(qscc.evaluateTransaction(name, channel, argument))).toContain(
          `access denied for [${name}][${channel}]`,
        );
    });
  });

  it('learns opaque ids from events, and nothing else', async () => {
    const events = await scenario
      .gateway(other.owner)
      .getNetwork(channel)
      .getChaincodeEvents('sharing', { startBlock: 0n });
    const last = share.requestId;
    for await (const { payload } of events) {
      const told = JSON.parse(Buffer.from(payload).toString()) as Record<string, string | string[]>;
      expect(Object.keys(told)).toEqual([expect.stringMatching(/^(consentId|requestId|requestIds)$/)]);
      for (const id of Object.values(told).flat()) expect(id).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
      if (told.requestId === last) break;
    }
    events.close();
  });
});

describe("the other bank after this bank's data", () => {
  it('has no such channel on its own peer', async () => {
    for (const call of [
      () => scenario.read(share.requestId, otherOfficer),
      () => scenario.evaluate(otherOfficer, 'GetRequest', { requestId: share.requestId }),
      () => scenario.evaluate(otherOfficer, 'ListConsents', {}),
      () => scenario.read(share.requestId, otherOfficer, [bankMsp]),
    ])
      expect(await failureOf(call())).toContain(notMember);
  });

  it.each(['bank-a', 'enterprise', 'regulator'])('is refused by the peer of %s', async (peerOf) => {
    await scenario.over(peerOf, otherOfficer, async (gateway) => {
      const network = gateway.getNetwork(channel);
      const contract = network.getContract('sharing');
      for (const call of [
        () => contract.evaluate('ReadDelivery', readProposal()),
        () => contract.evaluate('ReadDelivery', readProposal([bankMsp])),
        () => contract.submit('ReadDelivery', readProposal([enterpriseMsp, bankMsp])),
        () => network.getContract('qscc').evaluateTransaction('GetBlockByNumber', channel, '1'),
      ])
        expect(await failureOf(call())).toContain(`access denied: channel [${channel}] creator org unknown`);
      const blocks = (async () => {
        for await (const block of await network.getBlockEvents({ startBlock: 0n })) return block;
        return undefined;
      })();
      await expect(blocks).rejects.toThrow(/403|FORBIDDEN/);
    });
  });
});
