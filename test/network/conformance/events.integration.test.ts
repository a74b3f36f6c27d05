import { common, peer } from '@hyperledger/fabric-protos';
import { checkpointers, type ChaincodeEvent, type Contract } from '@hyperledger/fabric-gateway';
import { dataHash, headerHash } from './blocks';
import { codeOf, startProbe, text, type Probe } from './probe';

let probe: Probe;
let contract: Contract;

beforeAll(async () => {
  probe = await startProbe();
  contract = probe.contract('agency');
}, 180_000);

afterAll(() => probe.close());

/** Takes events of this test's own until there are enough. */
async function take(
  events: AsyncIterable<ChaincodeEvent> & { close(): void },
  prefix: string,
  count: number,
): Promise<ChaincodeEvent[]> {
  const taken: ChaincodeEvent[] = [];
  for await (const event of events) {
    if (event.eventName.startsWith(prefix)) taken.push(event);
    if (taken.length === count) break;
  }
  events.close();
  return taken;
}

const emit = (name: string, payload = name): Promise<Uint8Array> =>
  contract.submitTransaction('emit', name, payload, probe.key(name));

describe('chaincode events', () => {
  it('come in order, with name, payload and transaction', async () => {
    const prefix = probe.key('Order');
    const events = await probe.gateway('agency').getNetwork('common').getChaincodeEvents('probe');
    const received = take(events, prefix, 3);
    for (const name of ['1', '2', '3']) await emit(prefix + name, `payload ${name}`);
    expect((await received).map(({ eventName, payload }) => [eventName, text(payload)])).toEqual([
      [`${prefix}1`, 'payload 1'],
      [`${prefix}2`, 'payload 2'],
      [`${prefix}3`, 'payload 3'],
    ]);
  });

  it('go on after a checkpoint, none lost and none twice, also within one block', async () => {
    const prefix = probe.key('Checkpoint');
    const network = probe.gateway('agency').getNetwork('common');
    const first = await contract.submitAsync('emit', {
      arguments: [`${prefix}0`, '0', probe.key(`${prefix}0`)],
    });
    const { blockNumber } = await first.getStatus();
    await Promise.all(['1', '2', '3', '4', '5'].map((name) => emit(prefix + name)));

    const checkpointer = checkpointers.inMemory();
    const seen: string[] = [];
    while (seen.length < 6) {
      const events = await network.getChaincodeEvents('probe', {
        checkpoint: checkpointer,
        startBlock: blockNumber,
      });
      for await (const event of events) {
        await checkpointer.checkpointChaincodeEvent(event);
        if (event.eventName.startsWith(prefix)) {
          seen.push(event.eventName);
          // The reader stops after every event and starts again from its checkpoint.
          break;
        }
      }
      events.close();
    }
    expect(seen[0]).toBe(`${prefix}0`);
    expect([...seen].sort()).toEqual(['0', '1', '2', '3', '4', '5'].map((name) => prefix + name));
  });

  it('do not come from transactions that are not valid', async () => {
    const prefix = probe.key('Invalid');
    const events = await probe.gateway('agency').getNetwork('common').getChaincodeEvents('probe');
    const received = take(events, prefix, 1);
    const wrong = contract.submit('emit', {
      arguments: [`${prefix}-wrong`, 'x', probe.key('wrong')],
      endorsingOrganizations: ['AgencyMSP'],
    });
    expect(await codeOf(wrong)).toBe(peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE);
    await emit(`${prefix}-right`);
    expect((await received).map(({ eventName }) => eventName)).toEqual([`${prefix}-right`]);
  });

  it('come from the outermost chaincode alone', async () => {
    const prefix = probe.key('Inner');
    const events = await probe.gateway('agency').getNetwork('common').getChaincodeEvents('helper');
    const received = take(events, prefix, 1);
    const inner = JSON.stringify(['emit', `${prefix}-inner`, 'x', probe.key('inner')]);
    await contract.submitTransaction('callAndPut', 'helper', '', inner, probe.key('outer'));
    await probe
      .contract('agency', { chaincode: 'helper' })
      .submitTransaction('emit', `${prefix}-own`, 'x', probe.key('own'));
    expect((await received).map(({ eventName }) => eventName)).toEqual([`${prefix}-own`]);
  });
});

describe('block events', () => {
  it('give a whole chain, hash by hash, signed by the orderer', async () => {
    await emit(probe.key('block'));
    const blocks = await probe.gateway('agency').getNetwork('common').getBlockEvents({ startBlock: 0n });
    let previous: Uint8Array = new Uint8Array();
    let number = 0;
    for await (const block of blocks) {
      const header = block.getHeader() ?? new common.BlockHeader();
      expect(header.getNumber()).toBe(number);
      expect(Buffer.from(header.getPreviousHash_asU8()).equals(previous)).toBe(true);
      expect(Buffer.from(header.getDataHash_asU8()).equals(dataHash(block))).toBe(true);
      const signatures = common.Metadata.deserializeBinary(
        block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES] ?? new Uint8Array(),
      ).getSignaturesList();
      expect(signatures).toHaveLength(number === 0 ? 0 : 1);
      previous = headerHash(header);
      number += 1;
      if (number === 3) break;
    }
    blocks.close();
  });

  it('are filtered on request: ids, codes and names of events, no payloads', async () => {
    const name = probe.key('Filtered');
    const network = probe.gateway('agency').getNetwork('common');
    const submitted = await contract.submitAsync('emit', {
      arguments: [name, 'hidden payload', probe.key('filtered')],
    });
    const { blockNumber } = await submitted.getStatus();
    const blocks = await network.getFilteredBlockEvents({ startBlock: blockNumber });
    for await (const block of blocks) {
      const transaction = block
        .getFilteredTransactionsList()
        .find((candidate) => candidate.getTxid() === submitted.getTransactionId());
      expect(transaction?.getTxValidationCode()).toBe(peer.TxValidationCode.VALID);
      const [action] = transaction?.getTransactionActions()?.getChaincodeActionsList() ?? [];
      expect(action?.getChaincodeEvent()?.getEventName()).toBe(name);
      expect(Buffer.from(block.serializeBinary()).includes('hidden payload')).toBe(false);
      break;
    }
    blocks.close();
  });

  it('carry private data to members of the collection alone', async () => {
    const key = probe.key('pvt');
    const submitted = await contract.submitAsync('putPrivate', {
      arguments: ['AgencyMSP', key],
      transientData: { value: 'delivered' },
      endorsingOrganizations: ['AgencyMSP'],
    });
    const { blockNumber } = await submitted.getStatus();
    for (const [organisation, expected] of [
      ['agency', true],
      ['bank-a', false],
    ] as const) {
      const blocks = await probe
        .gateway(organisation)
        .getNetwork('common')
        .getBlockAndPrivateDataEvents({ startBlock: blockNumber });
      for await (const block of blocks) {
        expect(Buffer.from(block.serializeBinary()).includes('delivered')).toBe(expected);
        break;
      }
      blocks.close();
    }
  });
});
