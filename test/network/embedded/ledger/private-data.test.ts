import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ledger as ledgerProtos, peer } from '@hyperledger/fabric-protos';
import { bytes, chaincode, keyPolicy, text, World } from './world';
import { validationParameter } from '../../../../network/runtimes/embedded/ledger/metadata';

const codes = peer.TxValidationCode;
const ofA = '_implicit_org_AMSP';
const ofB = '_implicit_org_BMSP';
const ofC = '_implicit_org_CMSP';
let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.destroy());

/** Store directories below `ledger/` in whose files the text stands. */
function storesWith(value: string): string[] {
  const root = path.join(world.directory, 'ledger');
  return ['channels/main', 'private/a', 'private/b', 'private/c'].filter((store) =>
    readdirSync(path.join(root, store)).some((file) =>
      readFileSync(path.join(root, store, file)).includes(value),
    ),
  );
}

const put = (collection: string, key: string, value: string) => (s: PutPrivate) =>
  s.putPrivateData(chaincode, collection, key, bytes(value));
interface PutPrivate {
  putPrivateData: (n: string, c: string, k: string, v: Uint8Array | undefined) => void;
}

const read = (msp: string, collection: string, key: string) =>
  world.query((s) => text(s.getPrivateData(chaincode, collection, key)), msp);

describe('an implicit collection', () => {
  it('is written with its organisation alone, and with no other', async () => {
    const write = put(ofA, 'k1', 'alone');
    expect(await world.submit(write, { endorsers: ['BMSP'] })).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
    expect(await world.submit(write, { endorsers: ['BMSP', 'CMSP'] })).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
    expect(await world.submit(write, { endorsers: ['AMSP'] })).toBe(codes.VALID);
    expect(
      await world.submit(put('_implicit_org_ZMSP', 'k', 'x'), { endorsers: ['AMSP'] }).catch(String),
    ).toContain('not defined in the collection config');
  });

  it('is on the disk of its organisation only, and the hash is on the ledger', async () => {
    const value = 'a value to look for 0x5eed';
    expect(await world.submit(put(ofC, 'where', value), { endorsers: ['CMSP'], creator: world.client })).toBe(
      codes.VALID,
    );
    expect(storesWith(value)).toEqual(['private/c']);
    const hash = await world.query((s) => s.getPrivateDataHash(chaincode, ofC, 'where'), 'BMSP');
    expect(Buffer.from(hash ?? [])).toEqual(createHash('sha256').update(value).digest());
    expect(await read('CMSP', ofC, 'where')).toBe(value);
    await expect(read('AMSP', ofC, 'where')).rejects.toThrow(
      'private data matching public hash version is not available',
    );
    await expect(read('AMSP', ofC, 'absent')).resolves.toBeUndefined();
  });

  it('keeps its value readable when only its metadata changes', async () => {
    await world.submit(put(ofA, 'meta', 'kept'), { endorsers: ['AMSP'] });
    const policy = new Map([[validationParameter, keyPolicy('BMSP')]]);
    expect(
      await world.submit((s) => s.setPrivateDataMetadata(chaincode, ofA, 'meta', policy), {
        endorsers: ['AMSP'],
      }),
    ).toBe(codes.VALID);
    expect(await read('AMSP', ofA, 'meta')).toBe('kept');
    expect(await world.submit(put(ofA, 'meta', 'no'), { endorsers: ['AMSP'] })).toBe(
      codes.ENDORSEMENT_POLICY_FAILURE,
    );
    expect(await world.submit(put(ofA, 'meta', 'yes'), { endorsers: ['BMSP'] })).toBe(codes.VALID);
    expect(await read('AMSP', ofA, 'meta')).toBe('yes');
  });

  it('conflicts on private reads as on public ones', async () => {
    await world.submit(put(ofA, 'mvcc', '0'), { endorsers: ['AMSP'] });
    const increment = () =>
      world.transaction(
        (s) => {
          const value = Number(text(s.getPrivateData(chaincode, ofA, 'mvcc')));
          s.putPrivateData(chaincode, ofA, 'mvcc', bytes(String(value + 1)));
        },
        { endorsers: ['AMSP'] },
      );
    const [one, two] = [await increment(), await increment()];
    expect(await world.commit(one, two)).toEqual([codes.VALID, codes.MVCC_READ_CONFLICT]);
    expect(await read('AMSP', ofA, 'mvcc')).toBe('1');
  });

  it('says so where the private data of a transaction never came', async () => {
    expect(await world.submit(put(ofA, 'lost', 'never seen'), { endorsers: ['AMSP'], unstaged: true })).toBe(
      codes.VALID,
    );
    await expect(read('AMSP', ofA, 'lost')).rejects.toThrow('is not available');
  });

  it('takes no private data that the hash on the ledger does not fit', async () => {
    const nonce = Buffer.alloc(24, 7);
    const options = { endorsers: ['AMSP'], nonce } as const;
    await world.transaction(put(ofA, 'fit', 'forged'), options);
    const committed = await world.transaction(put(ofA, 'fit', 'true'), options);
    expect(await world.commit(committed)).toEqual([codes.VALID]);
    expect(await read('AMSP', ofA, 'fit')).toBe('true');
    expect(await world.query((s) => s.getPrivateDataRange(chaincode, ofA, 'fit', 'fiu').next())).toEqual({
      key: 'fit',
      value: expect.anything() as unknown,
    });
  });

  it('is ranged over with its newest values, and then nothing can be written', async () => {
    for (const [key, value] of [
      ['g1', 'old'],
      ['g2', 'gone'],
      ['g1', 'new'],
      ['g\u0000', 'composite'],
    ] as const) {
      await world.submit(put(ofA, key, value), { endorsers: ['AMSP'] });
    }
    await world.submit((s) => s.putPrivateData(chaincode, ofA, 'g2', undefined), {
      endorsers: ['AMSP'],
    });
    await world.query(async (s) => {
      const range = s.getPrivateDataRange(chaincode, ofA, 'g', 'h');
      const found = [];
      for (let kv = await range.next(); kv; kv = await range.next()) {
        found.push([kv.key, text(kv.value)]);
      }
      expect(found).toEqual([
        ['g\u0000', 'composite'],
        ['g1', 'new'],
      ]);
      expect(() => s.putState(chaincode, 'x', bytes('y'))).toThrow('queries on pvt data');
    });
    await world.query(async (s) => {
      expect(await s.getPrivateDataRange(chaincode, ofA, 'g', 'h').next()).toBeUndefined();
    }, 'BMSP');
  });

  it('is delivered with its block to its organisation', async () => {
    await world.submit(put(ofB, 'deliver', 'me'), { endorsers: ['BMSP'] });
    const number = world.ledger.height - 1;
    const [set] = (await world.ledger.privateDataOfBlock('BMSP', number)).values();
    const collection = set?.getNsPvtRwsetList()[0]?.getCollectionPvtRwsetList()[0];
    const rwset = ledgerProtos.rwset.kvrwset.KVRWSet.deserializeBinary(
      collection?.getRwset_asU8() ?? new Uint8Array(),
    );
    expect(rwset.getWritesList().map((w) => [w.getKey(), text(w.getValue_asU8())])).toEqual([
      ['deliver', 'me'],
    ]);
    expect((await world.ledger.privateDataOfBlock('AMSP', number)).size).toBe(0);
  });
});

describe('a purge', () => {
  it('takes all values of the key from the files, also of invalid transactions', async () => {
    const values = ['first 0xaaaa01', 'second 0xbbbb02', 'invalid 0xcccc03'];
    const [first, second, invalid] = values as [string, string, string];
    await world.submit(put(ofA, 'secret', first), { endorsers: ['AMSP'] });
    await world.submit(put(ofA, 'secret', second), { endorsers: ['AMSP'] });
    // Endorsed, then overtaken: its data stays in the store though nothing reads it.
    const overtaken = await world.transaction(
      (s) => {
        s.getState(chaincode, 'overtake');
        put(ofA, 'secret', invalid)(s);
      },
      { endorsers: ['AMSP'] },
    );
    await world.submit((s) => s.putState(chaincode, 'overtake', bytes('x')));
    expect(await world.commit(overtaken)).toEqual([codes.MVCC_READ_CONFLICT]);
    await world.submit(put(ofA, 'neighbour', 'stays 0xdddd04'), { endorsers: ['AMSP'] });
    expect(values.map(storesWith)).toEqual([['private/a'], ['private/a'], ['private/a']]);
    expect(await read('AMSP', ofA, 'secret')).toBe(second);

    expect(
      await world.submit((s) => s.purgePrivateData(chaincode, ofA, 'secret'), {
        endorsers: ['AMSP'],
      }),
    ).toBe(codes.VALID);
    expect(await read('AMSP', ofA, 'secret')).toBeUndefined();
    expect(await world.query((s) => s.getPrivateDataHash(chaincode, ofA, 'secret'), 'BMSP')).toBeUndefined();
    expect(values.flatMap(storesWith)).toEqual([]);
    expect(await read('AMSP', ofA, 'neighbour')).toBe('stays 0xdddd04');
    await world.reopen();
    expect(values.flatMap(storesWith)).toEqual([]);
    expect(await read('AMSP', ofA, 'neighbour')).toBe('stays 0xdddd04');
  });

  it('finds the key by its hash where its name did not come along', async () => {
    await world.submit(put(ofA, 'by hash', 'hidden 0xeeee05'), { endorsers: ['AMSP'] });
    await world.submit((s) => s.purgePrivateData(chaincode, ofA, 'by hash'), {
      endorsers: ['AMSP'],
      unstaged: true,
    });
    expect(storesWith('hidden 0xeeee05')).toEqual([]);
  });

  it('needs the endorsement that a write needs', async () => {
    await world.submit(put(ofA, 'guarded', 'still here'), { endorsers: ['AMSP'] });
    expect(
      await world.submit((s) => s.purgePrivateData(chaincode, ofA, 'guarded'), {
        endorsers: ['BMSP'],
      }),
    ).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
    expect(await read('AMSP', ofA, 'guarded')).toBe('still here');
  });

  it('leaves nothing among many, in files of several levels', async () => {
    const value = (i: number) => `bulk ${i} `.padEnd(3000, `0x${i.toString(16)}ff`);
    for (let round = 0; round < 2; round++) {
      const envelopes = [];
      for (let i = 0; i < 15; i++) {
        envelopes.push(
          await world.transaction(put(ofC, `bulk${round}-${i}`, value(round * 100 + i)), {
            endorsers: ['CMSP'],
          }),
        );
      }
      await world.commit(...envelopes);
      await world.submit(
        (s) => {
          for (let i = 0; i < 15; i += 3) s.purgePrivateData(chaincode, ofC, `bulk${round}-${i}`);
        },
        { endorsers: ['CMSP'] },
      );
    }
    const left = [0, 1].flatMap((round) =>
      Array.from({ length: 15 }, (_, i) => i).filter(
        (i) => storesWith(`bulk ${round * 100 + i} `).length > 0 && i % 3 === 0,
      ),
    );
    expect(left).toEqual([]);
    expect(await read('CMSP', ofC, 'bulk1-1')).toBe(value(101));
  });
});

describe('after a restart', () => {
  it('all is as before: state, history, ids, private data, what is staged', async () => {
    await world.submit((s) => s.putState(chaincode, 'durable', bytes('1')));
    await world.submit(put(ofB, 'durable', 'private'), { endorsers: ['BMSP'] });
    const late = await world.transaction(put(ofB, 'late', 'staged before'), {
      endorsers: ['BMSP'],
    });
    const committed = await world.transaction((s) => s.putState(chaincode, 'again', bytes('1')));
    await world.commit(committed);
    const { info, lastConfig } = world.ledger;
    const block = await world.ledger.blockBytes(1);
    await world.reopen();
    expect(world.ledger.info).toEqual(info);
    expect(world.ledger.lastConfig).toBe(lastConfig);
    expect(await world.ledger.blockBytes(1)).toEqual(block);
    expect(text(await world.query((s) => s.getState(chaincode, 'durable')))).toBe('1');
    expect(await read('BMSP', ofB, 'durable')).toBe('private');
    expect(await world.commit(committed)).toEqual([codes.DUPLICATE_TXID]);
    expect(await world.commit(late)).toEqual([codes.VALID]);
    expect(await read('BMSP', ofB, 'late')).toBe('staged before');
  });
});
