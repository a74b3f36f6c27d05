import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Contract, type Context } from 'fabric-contract-api';
import type { Iterators } from 'fabric-shim-api';
import { KeyEndorsementPolicy } from 'fabric-shim';

const IMPLICIT = '_implicit_org_';

/**
 * What a contract can ask of its peer, one function each, so that tests can compare runtimes. Unlike any real contract
 * it may be slow, die, or differ between endorsers.
 */
export class ProbeContract extends Contract {
  constructor() {
    super('probe');
  }

  async put(ctx: Context, key: string, value: string): Promise<void> {
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async get(ctx: Context, key: string): Promise<string> {
    return text(await ctx.stub.getState(key));
  }

  async del(ctx: Context, key: string): Promise<void> {
    await ctx.stub.deleteState(key);
  }

  /** Writes, then gives what it reads: never its own write. */
  async putAndGet(ctx: Context, key: string, value: string): Promise<string> {
    await ctx.stub.putState(key, Buffer.from(value));
    return text(await ctx.stub.getState(key));
  }

  /** Reads one key and writes another. */
  async copy(ctx: Context, from: string, to: string): Promise<void> {
    await ctx.stub.putState(to, await ctx.stub.getState(from));
  }

  async increment(ctx: Context, key: string): Promise<string> {
    const next = String(Number(text(await ctx.stub.getState(key))) + 1);
    await ctx.stub.putState(key, Buffer.from(next));
    return next;
  }

  async putMany(ctx: Context, prefix: string, count: string): Promise<void> {
    for (let index = 0; index < Number(count); index += 1) {
      const key = `${prefix}${String(index).padStart(4, '0')}`;
      await ctx.stub.putState(key, Buffer.from(`value of ${key}`));
    }
  }

  async range(ctx: Context, start: string, end: string): Promise<string> {
    return JSON.stringify(await keysOf(await ctx.stub.getStateByRange(start, end)));
  }

  /** Counts a range and writes the count: a key that appears in the range meanwhile is a phantom. */
  async countRange(ctx: Context, start: string, end: string, key: string): Promise<void> {
    const keys = await keysOf(await ctx.stub.getStateByRange(start, end));
    await ctx.stub.putState(key, Buffer.from(String(keys.length)));
  }

  async page(ctx: Context, start: string, end: string, size: string, bookmark: string): Promise<string> {
    const page = await ctx.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
    const { fetchedRecordsCount, bookmark: next } = page.metadata;
    return JSON.stringify({ keys: await keysOf(page.iterator), count: fetchedRecordsCount, bookmark: next });
  }

  async pageAndPut(ctx: Context, start: string, end: string, key: string): Promise<void> {
    const page = await ctx.stub.getStateByRangeWithPagination(start, end, 2, '');
    await ctx.stub.putState(key, Buffer.from(String((await keysOf(page.iterator)).length)));
  }

  async putComposite(ctx: Context, type: string, parts: string, value: string): Promise<void> {
    const key = ctx.stub.createCompositeKey(type, JSON.parse(parts) as string[]);
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async compositeRange(ctx: Context, type: string, parts: string): Promise<string> {
    const iterator = await ctx.stub.getStateByPartialCompositeKey(type, JSON.parse(parts) as string[]);
    const keys = await keysOf(iterator);
    return JSON.stringify(keys.map((key) => ctx.stub.splitCompositeKey(key).attributes));
  }

  async history(ctx: Context, key: string): Promise<string> {
    const changes: { txId: string; value: string; isDelete: boolean; seconds: number }[] = [];
    const iterator = await ctx.stub.getHistoryForKey(key);
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const { txId, value, isDelete, timestamp } = next.value;
      changes.push({ txId, value: text(value), isDelete, seconds: Number(timestamp.seconds) });
    }
    await iterator.close();
    return JSON.stringify(changes);
  }

  async richQuery(ctx: Context): Promise<string> {
    return JSON.stringify(await keysOf(await ctx.stub.getQueryResult('{"selector":{}}')));
  }

  /** Gives a key a value and a policy: a peer of each of the MSPs must endorse any change from then on. */
  async putWithPolicy(ctx: Context, key: string, value: string, msps: string): Promise<void> {
    await ctx.stub.putState(key, Buffer.from(value));
    await ctx.stub.setStateValidationParameter(key, peersOf(msps));
  }

  async setPolicy(ctx: Context, key: string, msps: string): Promise<void> {
    await ctx.stub.setStateValidationParameter(key, peersOf(msps));
  }

  async policyOf(ctx: Context, key: string): Promise<string> {
    const policy = await ctx.stub.getStateValidationParameter(key);
    return JSON.stringify(new KeyEndorsementPolicy(policy).listOrgs().sort());
  }

  /** Writes the transient value to an organisation's implicit collection. */
  async putPrivate(ctx: Context, msp: string, key: string): Promise<void> {
    await ctx.stub.putPrivateData(IMPLICIT + msp, key, transient(ctx, 'value'));
  }

  async getPrivate(ctx: Context, msp: string, key: string): Promise<string> {
    return text(await ctx.stub.getPrivateData(IMPLICIT + msp, key));
  }

  async getPrivateAndPut(ctx: Context, msp: string, key: string, to: string): Promise<void> {
    const value = await ctx.stub.getPrivateData(IMPLICIT + msp, key);
    await ctx.stub.putState(to, Buffer.from(String(value.length)));
  }

  async putPrivateIfAbsent(ctx: Context, msp: string, key: string): Promise<void> {
    const existing = await ctx.stub.getPrivateDataHash(IMPLICIT + msp, key);
    if (existing.length > 0) {
      throw new Error(`PRIVATE_EXISTS: ${key}`);
    }
    await this.putPrivate(ctx, msp, key);
  }

  async privateHash(ctx: Context, msp: string, key: string): Promise<string> {
    const hash = await ctx.stub.getPrivateDataHash(IMPLICIT + msp, key);
    return Buffer.from(hash).toString('hex');
  }

  async privateRange(ctx: Context, msp: string, start: string, end: string): Promise<string> {
    const results = ctx.stub.getPrivateDataByRange(IMPLICIT + msp, start, end);
    const keys: string[] = [];
    for await (const { key } of results) {
      keys.push(key);
    }
    return JSON.stringify(keys);
  }

  async delPrivate(ctx: Context, msp: string, key: string): Promise<void> {
    await ctx.stub.deletePrivateData(IMPLICIT + msp, key);
  }

  async purge(ctx: Context, msp: string, key: string): Promise<void> {
    await ctx.stub.purgePrivateData(IMPLICIT + msp, key);
  }

  async putCollection(ctx: Context, collection: string, key: string): Promise<void> {
    await ctx.stub.putPrivateData(collection, key, Buffer.from('value'));
  }

  async emit(ctx: Context, name: string, payload: string, key: string): Promise<void> {
    ctx.stub.setEvent(name, Buffer.from(payload));
    await ctx.stub.putState(key, Buffer.from(payload));
  }

  /** Calls another chaincode and gives status and payload. */
  async call(ctx: Context, chaincode: string, channel: string, args: string): Promise<string> {
    const response = await ctx.stub.invokeChaincode(chaincode, JSON.parse(args) as string[], channel);
    return JSON.stringify({
      status: response.status,
      message: response.message,
      payload: text(response.payload ?? new Uint8Array()),
    });
  }

  async callAndPut(
    ctx: Context,
    chaincode: string,
    channel: string,
    args: string,
    key: string,
  ): Promise<void> {
    const answer = await this.call(ctx, chaincode, channel, args);
    await ctx.stub.putState(key, Buffer.from(answer));
  }

  /** Calls another chaincode and keeps its answer in an organisation's implicit collection. */
  async callAndPutPrivate(
    ctx: Context,
    chaincode: string,
    channel: string,
    args: string,
    msp: string,
    key: string,
  ): Promise<void> {
    const answer = await this.call(ctx, chaincode, channel, args);
    await ctx.stub.putPrivateData(IMPLICIT + msp, key, Buffer.from(answer));
  }

  whoami(ctx: Context): string {
    const { stub, clientIdentity } = ctx;
    return JSON.stringify({
      msp: clientIdentity.getMSPID(),
      role: clientIdentity.getAttributeValue('role'),
      txId: stub.getTxID(),
      channel: stub.getChannelID(),
      seconds: Number(stub.getTxTimestamp().seconds),
      transient: [...stub.getTransient().keys()],
      creator: stub.getCreator().mspid,
    });
  }

  fail(_ctx: Context, message: string): void {
    throw new Error(message);
  }

  async putAndFail(ctx: Context, key: string, message: string): Promise<void> {
    await ctx.stub.putState(key, Buffer.from('never'));
    throw new Error(message);
  }

  /** Each endorser writes something else. */
  async differ(ctx: Context, key: string): Promise<void> {
    await ctx.stub.putState(key, randomBytes(8));
  }

  async slow(ctx: Context, milliseconds: string): Promise<string> {
    await sleep(Number(milliseconds));
    return text(await ctx.stub.getState('slow'));
  }

  die(): void {
    process.exit(1);
  }
}

function peersOf(msps: string): Uint8Array {
  const policy = new KeyEndorsementPolicy();
  policy.addOrgs('PEER', ...(JSON.parse(msps) as string[]));
  return policy.getPolicy();
}

function transient(ctx: Context, name: string): Uint8Array {
  const value = ctx.stub.getTransient().get(name);
  if (value === undefined) {
    throw new Error(`TRANSIENT_MISSING: ${name}`);
  }
  return value;
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString();
}

async function keysOf(iterator: Iterators.StateQueryIterator): Promise<string[]> {
  const keys: string[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    keys.push(next.value.key);
  }
  await iterator.close();
  return keys;
}

export const contracts = [ProbeContract];
