import { setTimeout as sleep } from 'node:timers/promises';
import { common, peer } from '@hyperledger/fabric-protos';
import type { Contract } from '@hyperledger/fabric-gateway';
import { processState } from '../../../network/processes/processes';
import { embeddedRuntime } from '../../../network/runtimes/embedded/runtime';
import { dataHash, headerHash } from '../conformance/blocks';
import { json, startProbe, text, type Probe } from '../conformance/probe';

const kills = 30;
const submitters = 8;
/** The kill comes at a random moment of this time after a first commit: while blocks are cut, written and told of. */
const loadMs = 350;

const { VALID } = peer.TxValidationCode;

let probe: Probe;
/** Key to transaction, for everything that was sent; and what the network has reported as committed. */
const sent = new Map<string, string>();
const reported = new Set<string>();

beforeAll(async () => {
  probe = await startProbe({ runtime: 'embedded', fresh: true });
}, 180_000);

afterAll(() => probe.close());

/** Sends one transaction after the other until one fails, which the kill makes it. */
async function submitUntilKilled(contract: Contract, prefix: string): Promise<void> {
  for (let index = 0; ; index += 1) {
    const key = `${prefix}-${index}`;
    const isPrivate = index % 3 === 2;
    const proposal = isPrivate
      ? contract.newProposal('putPrivate', {
          arguments: ['AgencyMSP', key],
          transientData: { value: `private ${key}` },
          endorsingOrganizations: ['AgencyMSP'],
        })
      : contract.newProposal('put', { arguments: [key, `value ${key}`] });
    sent.set(key, proposal.getTransactionId());
    const commit = await (await proposal.endorse()).submit();
    const { code } = await commit.getStatus();
    expect(code).toBe(VALID);
    reported.add(key);
  }
}

async function killUnderLoad(round: number): Promise<void> {
  const { network } = probe;
  const connection = network.connect('agency');
  const contract = connection.gateway.getNetwork('common').getContract('probe');
  const load = Promise.allSettled(
    Array.from({ length: submitters }, (_, index) => submitUntilKilled(contract, `k-${round}-${index}`)),
  );
  // On a slow machine the first commit takes its time; a kill before it would have nothing to lose.
  const before = reported.size;
  for (const end = performance.now() + 20_000; reported.size === before && performance.now() < end;)
    await sleep(5);
  await sleep(Math.random() * loadMs);
  const { pid } = processState(network.directory, 'embedded-fabric');
  if (pid === undefined) throw new Error('the runtime does not run');
  process.kill(pid, 'SIGKILL');
  await load;
  connection.close();
  await embeddedRuntime.up(network.context);
}

interface Chain {
  readonly height: number;
  readonly valid: ReadonlySet<string>;
}

/** Walks the whole chain, checking each link, and gathers the transactions that are valid. */
async function walkChain(contract: Contract): Promise<Chain> {
  const info = await contract.evaluateTransaction('GetChainInfo', 'common');
  const { height, currentblockhash } = common.BlockchainInfo.deserializeBinary(info).toObject();
  const valid = new Set<string>();
  let previous: Uint8Array = new Uint8Array();
  for (let number = 0; number < height; number += 1) {
    const bytes = await contract.evaluateTransaction('GetBlockByNumber', 'common', String(number));
    const block = common.Block.deserializeBinary(bytes);
    const header = block.getHeader() ?? new common.BlockHeader();
    expect(header.getNumber()).toBe(number);
    expect(Buffer.from(header.getPreviousHash_asU8()).equals(previous)).toBe(true);
    previous = headerHash(header);
    expect(Buffer.from(header.getDataHash_asU8()).equals(dataHash(block))).toBe(true);
    const data = block.getData()?.getDataList_asU8() ?? [];
    const codes = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
    expect(codes).toHaveLength(data.length);
    data.forEach((envelope, index) => {
      if (codes?.[index] === VALID) valid.add(transactionId(envelope));
    });
  }
  expect(Buffer.from(currentblockhash as string, 'base64').equals(previous)).toBe(true);
  return { height, valid };
}

function transactionId(envelope: Uint8Array): string {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
  );
  const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
  return common.ChannelHeader.deserializeBinary(header).getTxId();
}

describe('the embedded runtime, killed under load', () => {
  it(`loses nothing that it reported, at ${kills} random moments`, async () => {
    for (let round = 0; round < kills; round += 1) {
      await killUnderLoad(round);
    }
    const contract = probe.contract('agency');
    const chain = await walkChain(probe.contract('agency', { chaincode: 'qscc' }));
    const lost = [...reported].filter((key) => !chain.valid.has(sent.get(key) ?? ''));
    expect(lost).toEqual([]);

    // State is what the chain says, neither less nor more: no half block.
    const committed = [...sent].filter(([, txId]) => chain.valid.has(txId)).map(([key]) => key);
    const isPrivate = (key: string): boolean => Number(key.split('-').at(-1)) % 3 === 2;
    const publicKeys = json(await contract.evaluateTransaction('range', 'k-', 'k-~')) as string[];
    expect(publicKeys.sort()).toEqual(committed.filter((key) => !isPrivate(key)).sort());
    const privateKeys = json(
      await contract.evaluateTransaction('privateRange', 'AgencyMSP', 'k-', 'k-~'),
    ) as string[];
    expect(privateKeys.sort()).toEqual(committed.filter(isPrivate).sort());

    // The kills must have struck while there was something to lose.
    expect(reported.size).toBeGreaterThanOrEqual(kills);
    const [last] = [...reported].filter((key) => !isPrivate(key)).slice(-1);
    expect(text(await contract.evaluateTransaction('get', last ?? ''))).toBe(`value ${last ?? ''}`);
  }, 600_000);
});
