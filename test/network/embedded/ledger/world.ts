import { createHash, createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signers } from '@hyperledger/fabric-gateway';
import { common, msp as mspProtos, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { genesisBlock } from '../../../../network/channel-config/genesis';
import { signaturePolicy } from '../../../../network/channel-config/policies';
import { createIdentities } from '../../../../network/identity/identities';
import { mspPaths, peerPath } from '../../../../network/identity/paths';
import { loadIdentity } from '../../../../network/identity/wallet';
import { blockDataHash } from '../../../../network/blocks/hashes';
import { openLedgers } from '../../../../network/runtimes/embedded/ledger/ledgers';
import type {
  ChannelLedger,
  CommittedBlock,
  DefinitionSource,
  Ledgers,
  TransactionSimulator,
  ValidationCode,
} from '../../../../network/runtimes/embedded/ledger/types';
import type { Channel, Organisation, Topology } from '../../../../network/topology/topology';

const noPorts = { peer: 0, chaincodeListen: 0, operations: 0, gateway: 0, chaincode: 0 };
const organisations = ['a', 'b', 'c'].map((name): Organisation => ({
  name,
  msp: `${name.toUpperCase()}MSP`,
  roles: [],
  departments: [],
  ports: noPorts,
}));

const channel: Channel = {
  name: 'main',
  members: ['AMSP', 'BMSP', 'CMSP'],
  chaincodes: [],
  lifecycleEndorsement: [['AMSP', 'BMSP']],
  acls: { 'gateway/CommitStatus': '/Channel/Application/Writers' },
  batch: { maxMessages: 10, preferredBytes: 1 << 20, absoluteBytes: 1 << 24, timeoutMs: 250 },
  clockSkewSeconds: 60,
  simulatedClock: false,
};

const topology: Topology = {
  name: 'test',
  file: '/test.yaml',
  organisations,
  orderer: { name: 'orderer', msp: 'OrdererMSP', ports: { orderer: 0, admin: 0, operations: 0 } },
  chaincodes: [],
  channels: [channel],
  remarks: [],
};

/** Someone who signs. */
export interface Signer {
  readonly serialized: Uint8Array;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

export function signerOf(mspId: string, certificate: string, key: KeyObject): Signer {
  const identity = new mspProtos.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(Buffer.from(certificate));
  const sign = signers.newPrivateKeySigner(key);
  return {
    serialized: identity.serializeBinary(),
    sign: (message) => sign(createHash('sha256').update(message).digest()),
  };
}

/** The chaincode of the tests: `AMSP` and `BMSP` must endorse new keys. */
export const chaincode = 'cc';

const applicationPolicy = (sets: readonly (readonly string[])[]): Uint8Array => {
  const policy = new peer.ApplicationPolicy();
  policy.setSignaturePolicy(signaturePolicy(sets));
  return policy.serializeBinary();
};

export const definitions: DefinitionSource = {
  definition: (name) =>
    name === chaincode || name === 'other'
      ? {
          name,
          version: '1',
          sequence: 1,
          endorsement: applicationPolicy([['AMSP', 'BMSP']]),
        }
      : undefined,
};

/** Serialised policy of a key: the peers of all the MSPs. */
export const keyPolicy = (...msps: string[]): Uint8Array => signaturePolicy([msps]).serializeBinary();

export interface TransactionOptions {
  readonly endorsers?: readonly string[];
  /** Who simulates: its private data is read. Default: the first endorser. */
  readonly simulator?: string;
  readonly creator?: Signer;
  readonly nonce?: Uint8Array;
  readonly event?: string;
  /** Without it private writes are staged as an endorser does. */
  readonly unstaged?: boolean;
}

/** A network of three organisations with one channel, in a directory of its own. */
export class World {
  readonly directory: string;
  readonly files: { topology: Topology; directory: string };
  readonly channel = channel;
  ledgers!: Ledgers;
  ledger!: ChannelLedger;
  readonly #peers = new Map<string, Signer>();
  client!: Signer;

  private constructor(directory: string) {
    this.directory = directory;
    this.files = { topology, directory };
  }

  /** Makes a network, or opens the one that the directory has. */
  static async create(directory = mkdtempSync(path.join(tmpdir(), 'ledger-'))): Promise<World> {
    const world = new World(directory);
    await createIdentities(world.files);
    for (const { name, msp } of organisations) {
      const { certificate, key } = mspPaths(peerPath(world.directory, name));
      world.#peers.set(
        msp,
        signerOf(msp, readFileSync(certificate, 'utf8'), createPrivateKey(readFileSync(key))),
      );
    }
    world.client = world.user('a', 'gateway');
    await world.open();
    return world;
  }

  get genesis(): common.Block {
    return genesisBlock(this.files, channel);
  }

  async open(): Promise<void> {
    this.ledgers = await openLedgers({ directory: this.directory, organisations });
    this.ledger = await this.ledgers.join(this.genesis, definitions);
  }

  async reopen(): Promise<void> {
    await this.ledgers.close();
    await this.open();
  }

  async destroy(): Promise<void> {
    await this.ledgers.close();
    rmSync(this.directory, { recursive: true });
  }

  user(organisation: string, id: string): Signer {
    const identity = loadIdentity(this.files, organisation, id);
    return signerOf(identity.mspId, identity.certificate, identity.privateKey);
  }

  peer(msp: string): Signer {
    const signer = this.#peers.get(msp);
    if (signer === undefined) throw new Error(`no peer of ${msp}`);
    return signer;
  }

  /** Simulates and returns what `body` gives; the results are dropped. */
  async query<T>(body: (simulator: TransactionSimulator) => T | Promise<T>, msp = 'AMSP'): Promise<T> {
    const simulator = this.ledger.simulator({ msp, txId: 'query' });
    try {
      return await body(simulator);
    } finally {
      simulator.done();
    }
  }

  /** Simulates, endorses and signs a transaction. */
  async transaction(
    body: (simulator: TransactionSimulator) => unknown,
    options: TransactionOptions = {},
  ): Promise<Uint8Array> {
    const { endorsers = ['AMSP', 'BMSP'], creator = this.client } = options;
    const nonce = options.nonce ?? randomBytes(24);
    const txId = createHash('sha256').update(nonce).update(creator.serialized).digest('hex');
    const msp = options.simulator ?? endorsers[0] ?? 'AMSP';
    const simulator = this.ledger.simulator({ msp, txId });
    await body(simulator);
    const results = simulator.results();
    simulator.done();
    if (results.privateRwset !== undefined && options.unstaged !== true) {
      await this.ledger.stagePrivateData(txId, results.privateRwset);
    }
    return this.envelope(results.publicRwset, { ...options, endorsers, creator, nonce });
  }

  /** The envelope of a transaction with these results. */
  async envelope(results: Uint8Array, options: TransactionOptions): Promise<Uint8Array> {
    const { endorsers = ['AMSP', 'BMSP'], creator = this.client, event } = options;
    const nonce = options.nonce ?? randomBytes(24);
    const txId = createHash('sha256').update(nonce).update(creator.serialized).digest('hex');
    const chaincodeId = new peer.ChaincodeID();
    chaincodeId.setName(chaincode);
    const extension = new peer.ChaincodeHeaderExtension();
    extension.setChaincodeId(chaincodeId);
    const channelHeader = new common.ChannelHeader();
    channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
    channelHeader.setChannelId(channel.name);
    channelHeader.setTxId(txId);
    const timestamp = new Timestamp();
    timestamp.setSeconds(1_700_000_000);
    channelHeader.setTimestamp(timestamp);
    channelHeader.setExtension$(extension.serializeBinary());
    const signatureHeader = new common.SignatureHeader();
    signatureHeader.setCreator(creator.serialized);
    signatureHeader.setNonce(nonce);
    const channelHeaderBytes = channelHeader.serializeBinary();
    const signatureHeaderBytes = signatureHeader.serializeBinary();
    const proposalPayload = Buffer.from('proposal');

    const versioned = new peer.ChaincodeID();
    versioned.setName(chaincode);
    versioned.setVersion('1');
    const action = new peer.ChaincodeAction();
    action.setResults(results);
    action.setChaincodeId(versioned);
    if (event !== undefined) {
      const message = new peer.ChaincodeEvent();
      message.setChaincodeId(chaincode);
      message.setTxId(txId);
      message.setEventName(event);
      action.setEvents(message.serializeBinary());
    }
    const response = new peer.ProposalResponsePayload();
    response.setProposalHash(
      createHash('sha256')
        .update(channelHeaderBytes)
        .update(signatureHeaderBytes)
        .update(proposalPayload)
        .digest(),
    );
    response.setExtension$(action.serializeBinary());
    const responseBytes = response.serializeBinary();
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setProposalResponsePayload(responseBytes);
    for (const msp of endorsers) {
      const { serialized, sign } = this.peer(msp);
      const endorsement = new peer.Endorsement();
      endorsement.setEndorser(serialized);
      endorsement.setSignature(await sign(Buffer.concat([responseBytes, serialized])));
      endorsed.addEndorsements(endorsement);
    }
    const actionPayload = new peer.ChaincodeActionPayload();
    actionPayload.setChaincodeProposalPayload(proposalPayload);
    actionPayload.setAction(endorsed);
    const transactionAction = new peer.TransactionAction();
    transactionAction.setHeader(signatureHeaderBytes);
    transactionAction.setPayload(actionPayload.serializeBinary());
    const transaction = new peer.Transaction();
    transaction.addActions(transactionAction);
    const header = new common.Header();
    header.setChannelHeader(channelHeaderBytes);
    header.setSignatureHeader(signatureHeaderBytes);
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(transaction.serializeBinary());
    const payloadBytes = payload.serializeBinary();
    const envelope = new common.Envelope();
    envelope.setPayload(payloadBytes);
    envelope.setSignature(await creator.sign(payloadBytes));
    return envelope.serializeBinary();
  }

  /** The next block with these envelopes. */
  block(envelopes: readonly Uint8Array[]): common.Block {
    const header = new common.BlockHeader();
    header.setNumber(this.ledger.height);
    header.setPreviousHash(this.ledger.info.currentHash);
    header.setDataHash(blockDataHash(envelopes));
    const data = new common.BlockData();
    data.setDataList([...envelopes]);
    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    return block;
  }

  /** Commits one block and returns its validation codes. */
  async commit(...envelopes: Uint8Array[]): Promise<ValidationCode[]> {
    return (await this.commitBlock(...envelopes)).transactions.map(({ code }) => code);
  }

  commitBlock(...envelopes: Uint8Array[]): Promise<CommittedBlock> {
    return this.ledger.commit(this.block(envelopes));
  }

  /** Simulates, endorses and commits one transaction in a block of its own. */
  async submit(
    body: (simulator: TransactionSimulator) => unknown,
    options: TransactionOptions = {},
  ): Promise<ValidationCode> {
    const [code] = await this.commit(await this.transaction(body, options));
    if (code === undefined) throw new Error('the block was empty');
    return code;
  }
}

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

export const text = (value: Uint8Array | undefined): string | undefined =>
  value && Buffer.from(value).toString('utf8');
