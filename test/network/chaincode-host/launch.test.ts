import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import {
  chaincodeHosts,
  replaceChaincode,
  restoreChaincode,
  startChaincodeHosts,
  stopChaincodeHosts,
} from '../../../network/chaincode-host/launch';
import { declaredServices } from '../../../network/chaincode-host/services';
import { certificatePem, newAuthority, newSigner } from '../../../network/identity/certificate';
import { logPath, processState } from '../../../network/processes/processes';
import type { ChaincodeService } from '../../../network/runtimes/runtime';
import { loadTopology } from '../../../network/topology/load';
import { compiledProgram, defaultConsortium } from '../../../network/topology/project';

const { Type } = peer.ChaincodeMessage;
const port = 9600 + (process.pid % 100) * 3;
const compiled = (name: string): string => compiledProgram('test', 'support', 'chaincode-host', `${name}.js`);
let directory: string;
let proposal: peer.SignedProposal;

const service = (organisation: string, index: number, name: string, digest = 'aa'): ChaincodeService => ({
  organisation,
  msp: `${organisation}MSP`,
  chaincode: name,
  version: '1.0',
  packageId: `${name}_1.0_${organisation}:${digest}`,
  address: `127.0.0.1:${port + index}`,
  module: compiled(name),
});

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hosts-'));
  proposal = await someProposal();
  await startChaincodeHosts({ directory }, [service('org-a', 0, 'first'), service('org-b', 1, 'second')]);
});

afterAll(async () => {
  await stopChaincodeHosts({ directory });
  rmSync(directory, { recursive: true });
});

/** A proposal of some client: the contract API asks for its creator. */
async function someProposal(): Promise<peer.SignedProposal> {
  const subject = { commonName: 'client', organisation: 'org', units: ['client'] };
  const { certificate } = await newSigner(subject, await newAuthority(subject), {});
  const creator = new msp.SerializedIdentity();
  creator.setMspid('OrgMSP');
  creator.setIdBytes(Buffer.from(certificatePem(certificate)));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator.serializeBinary());
  signatureHeader.setNonce(Buffer.from('nonce'));
  const header = new common.Header();
  const channelHeader = new common.ChannelHeader();
  channelHeader.setChannelId('channel');
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const content = new peer.Proposal();
  content.setHeader(header.serializeBinary());
  const input = new peer.ChaincodeProposalPayload();
  input.setInput(Buffer.from('input'));
  content.setPayload(input.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(content.serializeBinary());
  return signed;
}

/** Connects as a peer does and calls `who` once: the package id that the chaincode gives, and what it answers. */
async function ask(index: number): Promise<{ packageId: string; answer: string }> {
  const client = new peer.ChaincodeClient(`127.0.0.1:${port + index}`, grpc.credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      const stream = client.connect({ deadline: Date.now() + 5000 });
      let packageId = '';
      stream.on('error', reject);
      stream.on('data', (message: peer.ChaincodeMessage) => {
        if (message.getType() === Type.REGISTER) {
          packageId = peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName();
          for (const type of [Type.REGISTERED, Type.READY]) stream.write(chaincodeMessage(type));
          const input = new peer.ChaincodeInput();
          input.setArgsList([Buffer.from('who')]);
          stream.write(chaincodeMessage(Type.TRANSACTION, input.serializeBinary()));
        } else if (message.getType() === Type.ERROR) {
          reject(new Error(Buffer.from(message.getPayload_asU8()).toString()));
        } else if (message.getType() === Type.COMPLETED) {
          const response = peer.Response.deserializeBinary(message.getPayload_asU8());
          const text = Buffer.from(response.getPayload_asU8()).toString() || response.getMessage();
          resolve({ packageId, answer: text });
          stream.cancel();
        }
      });
    });
  } finally {
    client.close();
  }
}

function chaincodeMessage(
  type: peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap],
  payload?: Uint8Array,
) {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  message.setTxid('tx');
  message.setChannelId('channel');
  if (payload !== undefined) message.setPayload(payload);
  message.setProposal(proposal);
  return message;
}

describe('one process for several chaincodes', () => {
  it('gives each service its own package id and its own default contract', async () => {
    expect(await ask(0)).toEqual({ packageId: 'first_1.0_org-a:aa', answer: 'first in channel' });
    expect(await ask(1)).toEqual({ packageId: 'second_1.0_org-b:aa', answer: 'second in channel' });
  });

  it('takes new package ids without a restart, and nothing where nothing changed', async () => {
    const { pid } = processState(directory, 'chaincode-host');
    const services = [service('org-a', 0, 'first', 'bb'), service('org-b', 1, 'second')];
    await startChaincodeHosts({ directory }, services);
    await startChaincodeHosts({ directory }, services);
    expect((await ask(0)).packageId).toBe('first_1.0_org-a:bb');
    expect(processState(directory, 'chaincode-host').pid).toBe(pid);
  });

  it('logs no calls', () => {
    const log = readFileSync(logPath(directory, 'chaincode-host'), 'utf8');
    expect(log).not.toMatch(/who|info/i);
  });
});

describe("one organisation's modified chaincode", () => {
  it('takes the place of the declared one under the same package id, until it is put back', async () => {
    const declared = await ask(1);
    await replaceChaincode({ directory }, 'org-b', 'second', compiled('first'));
    expect(await ask(1)).toEqual({ packageId: declared.packageId, answer: 'first in channel' });
    expect((await ask(0)).answer).toBe('first in channel');
    expect(chaincodeHosts({ directory })).toEqual(['chaincode-host', 'chaincode-org-b-second']);
    await restoreChaincode({ directory }, 'org-b', 'second');
    expect(await ask(1)).toEqual(declared);
    expect(processState(directory, 'chaincode-org-b-second').running).toBe(false);
  });

  it('is of a service that there is', async () => {
    await expect(replaceChaincode({ directory }, 'org-b', 'third', compiled('first'))).rejects.toThrow(
      'org-b runs no chaincode "third"',
    );
  });
});

it('each organisation runs the chaincodes of its channels, at its own address and under its own label', () => {
  const services = declaredServices({ topology: loadTopology(defaultConsortium) });
  expect(services).toHaveLength(16);
  expect(new Set(services.map(({ address }) => address)).size).toBe(16);
  expect(
    services.find(({ organisation, chaincode }) => organisation === 'bank-a' && chaincode === 'sharing'),
  ).toMatchObject({ msp: 'BankAMSP', label: 'sharing_1.0_bank-a' });
});
