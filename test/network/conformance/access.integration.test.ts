import { randomBytes } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { common, peer } from '@hyperledger/fabric-protos';
import { EndorseError, type Contract, type Gateway } from '@hyperledger/fabric-gateway';
import { connectGateway, connectPeer } from '../../../network/client/connect';
import { loadIdentity } from '../../../network/identity/wallet';
import { readConnectionProfile } from '../../../network/client/profile';
import { codeOf, failureOf, startProbe, text, type Probe } from './probe';

const { DUPLICATE_TXID, VALID } = peer.TxValidationCode;

let probe: Probe;
let contract: Contract;

beforeAll(async () => {
  probe = await startProbe();
  await probe.network.issue('agency', { id: 'clerk', ou: 'client', attributes: { role: 'clerk' } });
  contract = probe.contract('agency');
}, 180_000);

afterAll(() => probe.close());

/** A gateway on the agency's peer for an identity that says it is of one MSP, with the certificate of another's. */
function impostor(mspId: string, organisation: string): { gateway: Gateway; client: grpc.Client } {
  const { context, directory } = probe.network;
  const client = connectPeer(readConnectionProfile(directory, 'agency').peer);
  const identity = loadIdentity(context, organisation, 'Admin');
  return { gateway: connectGateway(client, { ...identity, mspId }), client };
}

describe('a signature', () => {
  it('of a proposal that was tampered with is refused', async () => {
    const proposal = contract.newProposal('put', { arguments: [probe.key('tampered'), 'x'] });
    const gateway = probe.gateway('agency');
    const signed = gateway.newSignedProposal(proposal.getBytes(), randomBytes(70));
    expect(await failureOf(signed.endorse())).toMatch(
      /access denied: channel \[common\] creator org \[AgencyMSP\]/,
    );
    expect(await failureOf(signed.evaluate())).toMatch(/access denied/);
  });

  it('of a transaction that was tampered with is refused by the orderer', async () => {
    const gateway = probe.gateway('agency');
    const transaction = await contract
      .newProposal('put', { arguments: [probe.key('tampered-tx'), 'x'] })
      .endorse();
    const signed = gateway.newSignedTransaction(transaction.getBytes(), randomBytes(70));
    expect(await failureOf(signed.submit())).toContain('status=FORBIDDEN');
  });

  it('of a question for a status is checked', async () => {
    const gateway = probe.gateway('agency');
    const commit = await contract.submitAsync('put', { arguments: [probe.key('status'), 'x'] });
    await expect(commit.getStatus()).resolves.toMatchObject({ code: VALID });
    const forged = gateway.newSignedCommit(commit.getBytes(), randomBytes(70));
    await expect(forged.getStatus()).rejects.toMatchObject({ code: grpc.status.PERMISSION_DENIED });
  });
});

describe('an identity', () => {
  it('of an MSP that the channel does not have is refused', async () => {
    const { gateway, client } = impostor('NobodyMSP', 'agency');
    const call = gateway.getNetwork('common').getContract('probe').evaluateTransaction('get', 'any');
    expect(await failureOf(call)).toMatch(/access denied: channel \[common\] creator org unknown/);
    gateway.close();
    client.close();
  });

  it("with another organisation's certificate is refused", async () => {
    const { gateway, client } = impostor('AgencyMSP', 'platform');
    const stranger = gateway.getNetwork('common').getContract('probe');
    expect(await failureOf(stranger.evaluateTransaction('get', 'any'))).toMatch(/access denied/);
    await expect(stranger.submitTransaction('put', 'any', 'x')).rejects.toBeInstanceOf(EndorseError);
    gateway.close();
    client.close();
  });
});

describe('a transaction', () => {
  it('that is submitted again counts once', async () => {
    const key = probe.key('replayed');
    await contract.submitTransaction('put', key, '1');
    const gateway = probe.gateway('agency');
    const proposal = contract.newProposal('increment', { arguments: [key] });
    const transaction = await proposal.endorse();
    const commit = await transaction.submit();
    await expect(commit.getStatus()).resolves.toMatchObject({ code: VALID });

    const again = gateway.newTransaction(transaction.getBytes());
    await again.submit();
    // Whatever commits after it shows that the copy has been dealt with, too.
    await contract.submitTransaction('put', probe.key('after-replay'), 'x');
    expect(text(await contract.evaluateTransaction('get', key))).toBe('2');
    expect(await codesOf(transaction.getTransactionId())).toEqual([VALID, DUPLICATE_TXID]);
    expect(await failureOf(proposal.endorse())).toContain('duplicate transaction found');
  });
});

/** Codes of a transaction wherever it is in the chain. */
async function codesOf(txId: string): Promise<number[]> {
  const codes: number[] = [];
  const network = probe.gateway('agency').getNetwork('common');
  const height = await chainHeight();
  const blocks = await network.getBlockEvents({ startBlock: 0n });
  for await (const block of blocks) {
    const filter = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER];
    const data = block.getData()?.getDataList_asU8() ?? [];
    data.forEach((bytes, index) => {
      const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
      );
      const header = common.ChannelHeader.deserializeBinary(
        payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
      );
      if (header.getTxId() === txId) codes.push(filter?.[index] ?? -1);
    });
    if ((block.getHeader()?.getNumber() ?? 0) + 1 >= height) break;
  }
  blocks.close();
  return codes;
}

async function chainHeight(): Promise<number> {
  const info = await probe
    .contract('agency', { chaincode: 'qscc' })
    .evaluateTransaction('GetChainInfo', 'common');
  return common.BlockchainInfo.deserializeBinary(info).getHeight();
}

describe('a client that is no reader', () => {
  const clerk = (chaincode = 'probe'): Contract => probe.contract('agency', { identity: 'clerk', chaincode });

  it('transacts, and learns how its transactions and events end', async () => {
    expect(await codeOf(clerk().submitTransaction('put', probe.key('clerk'), 'x'))).toBe(VALID);
    const network = probe.gateway('agency', 'clerk').getNetwork('common');
    const events = await network.getChaincodeEvents('probe');
    const key = probe.key('clerk-event');
    await clerk().submitTransaction('emit', 'Told', 'id', key);
    for await (const event of events) {
      if (event.eventName === 'Told') break;
    }
    events.close();
  });

  it('gets no block, whole or filtered, by Deliver', async () => {
    const network = probe.gateway('agency', 'clerk').getNetwork('common');
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

  it('gets nothing of the ledger by qscc', async () => {
    const txId = '0'.repeat(64);
    for (const [fn, argument] of [
      ['GetChainInfo', ''],
      ['GetBlockByNumber', '0'],
      ['GetBlockByTxID', txId],
      ['GetTransactionByID', txId],
    ] as const) {
      expect(await failureOf(clerk('qscc').evaluateTransaction(fn, 'common', argument))).toContain(
        `access denied for [${fn}][common]`,
      );
    }
  });

  it('cannot ask another channel through its own', async () => {
    expect(
      await failureOf(clerk('qscc').evaluateTransaction('GetBlockByNumber', 'pair-bank-a', '0')),
    ).toContain('Invalid chain ID, pair-bank-a');
  });
});

describe('an organisation', () => {
  it('learns nothing of a channel that it is not in', async () => {
    const network = probe.gateway('agency').getNetwork('pair-bank-a');
    const events = network.getChaincodeEvents('probe', { startBlock: 0n }).then(async (stream) => {
      for await (const event of stream) return event;
      return undefined;
    });
    await expect(events).rejects.toMatchObject({ code: grpc.status.PERMISSION_DENIED });
    const blocks = network.getBlockEvents({ startBlock: 0n }).then(async (stream) => {
      for await (const block of stream) return block;
      return undefined;
    });
    await expect(blocks).rejects.toThrow(/404|NOT_FOUND/);
  });
});
