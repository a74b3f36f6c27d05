import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { Contract, type Context } from 'fabric-contract-api';
import type { ChaincodeResponse } from 'fabric-shim-api';
import { meetsEnvelope, meetsSets } from './policy';
import { NamespaceState, ReadWriteSet, hashOf } from './state';
import { SimulationStub } from './stub';

/** An identity as its certificate describes it. */
export interface TestIdentity {
  readonly msp: string;
  /** E.g. `{ role: 'attester', department: 'tax-shanghai' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface TestTransaction {
  readonly channel: string;
  readonly chaincode: string;
  /** Of a chaincode with several contracts: `<contract>:<function>`. */
  readonly function: string;
  /** Sent as JSON; a string is sent as it is. */
  readonly input?: unknown;
  readonly caller: TestIdentity;
  /** Values are sent as JSON; strings and bytes as they are. */
  readonly transient?: Readonly<Record<string, unknown>>;
  /** MSPs whose peers endorse; by default the caller's alone, which is also where it evaluates. */
  readonly endorsers?: readonly string[];
  /** Milliseconds since the epoch; by default the ledger's `now`. */
  readonly at?: number;
}

/** A transaction that was endorsed and may still turn out invalid. */
export interface Endorsed {
  readonly txId: string;
  readonly payload: string;
  readonly event: { readonly name: string; readonly payload: string } | undefined;
  readonly set: ReadWriteSet;
  readonly state: NamespaceState;
  readonly policy: readonly (readonly string[])[];
  readonly endorsers: readonly string[];
}

export type ValidationCode =
  'VALID' | 'ENDORSEMENT_POLICY_FAILURE' | 'MVCC_READ_CONFLICT' | 'PHANTOM_READ_CONFLICT';

interface Deployment {
  readonly contracts: readonly Contract[];
  readonly state: NamespaceState;
  readonly policy: readonly (readonly string[])[];
}

/**
 * Channels, chaincodes and committed state in memory: runs contracts with Fabric's semantics and no network. One
 * simulation for each endorser over that organisation's private data, compared; endorsement policies, key-level
 * policies, MVCC and phantoms at commit; private values to their organisation, hashes to everybody.
 */
export class TestLedger {
  /** Milliseconds since the epoch: timestamp of transactions, and the peers' clock while they run. */
  now = Date.UTC(2026, 10, 23, 4);
  /** Peers' clock minus `now`, to try skews. */
  clockOffset = 0;
  readonly events: { readonly channel: string; readonly name: string; readonly payload: string }[] = [];
  readonly #deployments = new Map<string, Deployment>();
  #transactions = 0;

  /** @param policy who endorses new keys: any one of these sets. */
  deploy(
    channel: string,
    chaincode: string,
    contract: Contract | readonly Contract[],
    policy: readonly (readonly string[])[],
  ): void {
    const contracts = contract instanceof Contract ? [contract] : contract;
    this.#deployments.set(`${channel}/${chaincode}`, { contracts, policy, state: new NamespaceState() });
  }

  /** Committed state, to look at and, as an adversary, to write to. */
  state(channel: string, chaincode: string): NamespaceState {
    return this.#deployment(channel, chaincode).state;
  }

  /** A public document as it lies on the ledger. */
  document(channel: string, chaincode: string, key: string): unknown {
    const found = this.state(channel, chaincode).public.get(key);
    return found === undefined ? undefined : JSON.parse(found.value.toString('utf8'));
  }

  /** Writes a public key past every contract and policy, as colluding organisations could a key of no policy. */
  tamper(channel: string, chaincode: string, key: string, document: unknown): void {
    const value = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
    this.state(channel, chaincode).public.set(key, { value, version: ++this.#transactions });
  }

  /** Endorses, commits and returns the answer. @throws Error with the contract's text or the validation code. */
  async submit(transaction: TestTransaction): Promise<Endorsed> {
    const endorsed = await this.endorse(transaction);
    const code = this.commit(endorsed, transaction.channel);
    if (code !== 'VALID') throw new Error(code);
    return endorsed;
  }

  /** Runs on one peer and throws its writes away. */
  async evaluate(transaction: TestTransaction): Promise<string> {
    const [peer = transaction.caller.msp] = transaction.endorsers ?? [];
    return (await this.#simulate(transaction, peer, this.#nextTxId())).payload;
  }

  /** Simulates on each endorser. @throws Error where a contract refuses or the endorsers do not agree. */
  async endorse(transaction: TestTransaction): Promise<Endorsed> {
    const endorsers = transaction.endorsers ?? [transaction.caller.msp];
    const txId = this.#nextTxId();
    const results = [];
    for (const peer of endorsers) results.push(await this.#simulate(transaction, peer, txId));
    const [first, ...rest] = results;
    if (first === undefined) throw new Error('nobody endorses');
    for (const other of rest)
      if (other.payload !== first.payload || other.set.fingerprint() !== first.set.fingerprint())
        throw new Error('ProposalResponsePayloads do not match');
    const { state, policy } = this.#deployment(transaction.channel, transaction.chaincode);
    const { event } = first.set;
    return {
      txId,
      payload: first.payload,
      event: event === undefined ? undefined : { name: event.name, payload: event.payload.toString('utf8') },
      set: first.set,
      state,
      policy,
      endorsers,
    };
  }

  /** Validates as Fabric does and, where valid, applies the writes. */
  commit({ set, state, policy, endorsers, event }: Endorsed, channel: string): ValidationCode {
    const code = validate(set, state, policy, endorsers);
    if (code !== 'VALID') return code;
    apply(set, state, ++this.#transactions);
    if (event !== undefined) this.events.push({ channel, ...event });
    return code;
  }

  #deployment(channel: string, chaincode: string): Deployment {
    const found = this.#deployments.get(`${channel}/${chaincode}`);
    if (found === undefined) throw new Error(`${chaincode} is not deployed on ${channel}`);
    return found;
  }

  #nextTxId(): string {
    return createHash('sha256').update(`transaction ${++this.#transactions}`).digest('hex');
  }

  async #simulate(
    transaction: TestTransaction,
    peer: string,
    txId: string,
  ): Promise<{ payload: string; set: ReadWriteSet }> {
    const { contracts, state } = this.#deployment(transaction.channel, transaction.chaincode);
    const { contract, name } = functionOf(contracts, transaction.function);
    const set = new ReadWriteSet();
    const { input = {} } = transaction;
    const args = [typeof input === 'string' ? input : JSON.stringify(input)];
    const timestamp = transaction.at ?? this.now;
    const stub = new SimulationStub({
      txId,
      channel: transaction.channel,
      function: transaction.function,
      args,
      peer,
      transient: new Map(
        Object.entries(transaction.transient ?? {}).map(([name, value]) => [name, bytesOf(value)]),
      ),
      timestamp,
      state,
      set,
      invoke: (chaincode, calleeArgs, channel) =>
        this.#call(
          transaction,
          peer,
          txId,
          chaincode,
          calleeArgs,
          channel === '' ? transaction.channel : channel,
        ),
    });
    const context = contract.createContext() as Context & {
      setChaincodeStub(stub: unknown): void;
      setClientIdentity(identity: unknown): void;
    };
    context.setChaincodeStub(stub);
    context.setClientIdentity(identityOf(transaction.caller));
    const method = transactionOf(contract, name);
    const clock = Date.now;
    Date.now = () => this.now + this.clockOffset;
    try {
      const payload = await method.call(contract, context, ...args);
      return { payload: payload ?? '', set };
    } finally {
      Date.now = clock;
    }
  }

  /** A call of another chaincode: its refusals are answers, and what it writes on another channel is lost. */
  async #call(
    transaction: TestTransaction,
    peer: string,
    txId: string,
    chaincode: string,
    [name = '', input = '']: readonly string[],
    channel: string,
  ): Promise<ChaincodeResponse> {
    if (channel === transaction.channel) throw new Error('calls on the same channel are not simulated');
    try {
      const callee = { ...transaction, chaincode, channel, function: name, input };
      const { payload } = await this.#simulate(callee, peer, txId);
      return { status: 200, payload: Buffer.from(payload) };
    } catch (error) {
      return { status: 500, message: error instanceof Error ? error.message : String(error) };
    }
  }
}

type Method = (context: Context, ...args: string[]) => Promise<string | undefined>;

/** The contract that a function's name means: the first one, unless the name says which. */
function functionOf(contracts: readonly Contract[], called: string): { contract: Contract; name: string } {
  const [first = '', name] = called.split(':');
  const contract = name === undefined ? contracts[0] : contracts.find((one) => one.getName() === first);
  if (contract === undefined) throw new Error(`there is no contract for ${called}`);
  return { contract, name: name ?? first };
}

/** A function that Fabric would call: only what is decorated as a transaction. */
function transactionOf(contract: Contract, name: string): Method {
  const known = (Reflect.getMetadata('fabric:transactions', contract) ?? []) as {
    name: string;
    parameters: unknown[];
  }[];
  const method = (contract as unknown as Record<string, Method>)[name];
  const declared = known.find((transaction) => transaction.name === name);
  if (method === undefined || declared === undefined)
    throw new Error(`You've asked to invoke a function that does not exist: ${name}`);
  // The shim compares the number of arguments with the declared parameters.
  if (declared.parameters.length !== 1)
    throw new Error(`Expected ${declared.parameters.length} parameters, but 1 have been supplied`);
  return method;
}

function identityOf({ msp, attributes = {} }: TestIdentity): unknown {
  return {
    getMSPID: () => msp,
    getID: () => `x509::/CN=${JSON.stringify(attributes)}::/O=${msp}`,
    getAttributeValue: (name: string) => attributes[name] ?? null,
    assertAttributeValue: (name: string, value: string) => attributes[name] === value,
  };
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function validate(
  set: ReadWriteSet,
  state: NamespaceState,
  policy: readonly (readonly string[])[],
  endorsers: readonly string[],
): ValidationCode {
  const keys = new Set([...set.writes.keys(), ...set.policies.keys()]);
  for (const key of keys) {
    const own = state.policies.get(key);
    const met = own === undefined ? meetsSets(policy, endorsers) : meetsEnvelope(own, endorsers);
    if (!met) return 'ENDORSEMENT_POLICY_FAILURE';
  }
  for (const collection of set.privateWrites.keys())
    if (!endorsers.some((endorser) => collection === `_implicit_org_${endorser}`))
      return 'ENDORSEMENT_POLICY_FAILURE';
  // Without any write there is no key whose policy could count, so the chaincode's does.
  if (!set.hasWrites && !meetsSets(policy, endorsers)) return 'ENDORSEMENT_POLICY_FAILURE';
  for (const [key, version] of set.reads)
    if (state.public.get(key)?.version !== version) return 'MVCC_READ_CONFLICT';
  for (const [pair, version] of set.hashReads) {
    const [collection = '', key = ''] = pair.split('\u0000');
    if (state.hash(collection, key)?.version !== version) return 'MVCC_READ_CONFLICT';
  }
  for (const { start, end, found } of set.ranges)
    if (JSON.stringify(state.range(start, end)) !== found) return 'PHANTOM_READ_CONFLICT';
  return 'VALID';
}

function apply(set: ReadWriteSet, state: NamespaceState, version: number): void {
  for (const [key, value] of set.writes) {
    if (value === undefined) {
      state.public.delete(key);
      state.policies.delete(key);
    } else state.public.set(key, { value, version });
  }
  for (const [key, policy] of set.policies) {
    const current = state.public.get(key);
    // Metadata of a key that does not exist is dropped, as Fabric's commit does.
    if (current === undefined) continue;
    state.policies.set(key, policy);
    state.public.set(key, { value: current.value, version });
  }
  for (const [collection, writes] of set.privateWrites) {
    const values = state.private.get(collection) ?? new Map<string, Buffer>();
    const hashes = state.hashes.get(collection) ?? new Map<string, { value: Buffer; version: number }>();
    state.private.set(collection, values);
    state.hashes.set(collection, hashes);
    for (const [key, value] of writes) {
      if (value === undefined) {
        values.delete(key);
        hashes.delete(key);
      } else {
        values.set(key, value);
        hashes.set(key, { value: hashOf(value), version });
      }
    }
  }
}
