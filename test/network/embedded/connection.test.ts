import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '@grpc/grpc-js';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import {
  Shim,
  type ChaincodeInterface,
  type ChaincodeResponse,
  type ChaincodeServer,
  type ChaincodeServerOpts,
  type ChaincodeStub,
} from 'fabric-shim';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import {
  ChaincodeConnection,
  type Invocation,
  type TransactionRequests,
} from '../../../network/runtimes/embedded/chaincode/connection';

const address = '127.0.0.1:23001';
const packageId = 'probe_1.0_org:abc';
const MessageType = peer.ChaincodeMessage.Type;

/** A chaincode in this process: answers with the state of the key that it is called with, or takes its time. */
class Echo implements ChaincodeInterface {
  Init(): Promise<ChaincodeResponse> {
    return Promise.resolve(Shim.success());
  }

  async Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse> {
    const [key = '', wait = '0'] = stub.getArgs();
    await sleep(Number(wait));
    try {
      return Shim.success(await stub.getState(key));
    } catch (error) {
      return Shim.error(error instanceof Error ? error.message : String(error));
    }
  }
}

async function serve(ccid = packageId): Promise<ChaincodeServer> {
  const options: Omit<ChaincodeServerOpts, 'tlsProps'> = { ccid, address };
  const server = Shim.server(new Echo(), options as ChaincodeServerOpts);
  await server.start();
  return server;
}

function shutdown(server: ChaincodeServer): void {
  (server as unknown as { readonly _server: Server })._server.forceShutdown();
}

class OneValue implements TransactionRequests {
  readonly asked: string[] = [];

  handle(message: peer.ChaincodeMessage): Promise<Uint8Array> {
    const key = peer.GetState.deserializeBinary(message.getPayload_asU8()).getKey();
    this.asked.push(key);
    return key === 'bad'
      ? Promise.reject(new Error('no such thing'))
      : Promise.resolve(Buffer.from(`value of ${key}`));
  }
}

function invocation(txId: string, args: readonly string[], requests = new OneValue()): Invocation {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((argument) => Buffer.from(argument)));
  return {
    channel: 'channel',
    txId,
    input: input.serializeBinary(),
    signedProposal: signedProposal(),
    requests,
  };
}

/** The shim reads creator and timestamp of it, so it must be well-formed all the way down. */
function signedProposal(): peer.SignedProposal {
  const timestamp = new Timestamp();
  timestamp.fromDate(new Date());
  const channelHeader = new common.ChannelHeader();
  channelHeader.setTimestamp(timestamp);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(new msp.SerializedIdentity().serializeBinary());
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(Buffer.from('input'));
  proposal.setPayload(payload.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  return signed;
}

function payloadOf(message: peer.ChaincodeMessage): string {
  return Buffer.from(peer.Response.deserializeBinary(message.getPayload_asU8()).getPayload_asU8()).toString();
}

describe('the connection to a chaincode service', () => {
  let server: ChaincodeServer | undefined;
  let connection: ChaincodeConnection;

  beforeEach(() => {
    connection = new ChaincodeConnection({ packageId, address }, { executeMs: 700, connectMs: 1500 });
  });

  afterEach(() => {
    connection.close();
    if (server !== undefined) shutdown(server);
    server = undefined;
  });

  it('registers and answers what the chaincode asks, several transactions at a time', async () => {
    server = await serve();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((key) => connection.execute(invocation(`tx-${key}`, [key, '20']))),
    );
    expect(answers.map(payloadOf)).toEqual(['value of a', 'value of b', 'value of c']);
  });

  it('tells the chaincode of a request that failed, with its kind and transaction', async () => {
    server = await serve();
    const final = await connection.execute(invocation('tx', ['bad']));
    expect(final.getType()).toBe(MessageType.COMPLETED);
    const response = peer.Response.deserializeBinary(final.getPayload_asU8());
    expect(response.getStatus()).toBe(500);
    expect(response.getMessage()).toContain('GET_STATE failed: transaction ID: tx: no such thing');
  });

  it('refuses a process that registers as something else', async () => {
    server = await serve('another:123');
    await expect(connection.ready()).rejects.toThrow('registered as another:123');
  });

  it('refuses the same transaction twice at the same time', async () => {
    server = await serve();
    const first = connection.execute(invocation('tx', ['a', '50']));
    await connection.ready();
    await expect(connection.execute(invocation('tx', ['a']))).rejects.toThrow('txid: tx(channel) exists');
    await expect(first).resolves.toBeDefined();
  });

  it('ends an execution that takes too long, and answers its late requests with an error', async () => {
    server = await serve();
    const requests = new OneValue();
    await expect(connection.execute(invocation('tx', ['a', '900'], requests))).rejects.toThrow(
      'error sending: timeout expired while executing transaction',
    );
    await sleep(350);
    expect(requests.asked).toEqual([]);
    await expect(connection.execute(invocation('tx-2', ['b']))).resolves.toBeDefined();
  });

  it('fails what is under way when the process dies, and connects again when it is back', async () => {
    server = await serve();
    const lost = connection.execute(invocation('tx', ['a', '600']));
    const failure = expect(lost).rejects.toThrow('error sending: chaincode stream terminated');
    await connection.ready();
    await sleep(50);
    shutdown(server);
    await failure;
    server = undefined;
    const back = connection.execute(invocation('tx-2', ['b']));
    await sleep(200);
    server = await serve();
    expect(payloadOf(await back)).toBe('value of b');
  });

  it('says so when nobody listens', async () => {
    await expect(connection.ready()).rejects.toThrow(`error creating grpc connection to ${address}`);
  });
});
