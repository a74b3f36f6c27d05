import { common, peer } from '@hyperledger/fabric-protos';
import { bytes, chaincode, keyPolicy, text, World } from './world';
import { validationParameter } from '../../../../network/runtimes/embedded/ledger/metadata';

const codes = peer.TxValidationCode;
let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.destroy());

describe('state', () => {
  it('is read as committed, never as written by the same transaction', async () => {
    const code = await world.submit((simulator) => {
      simulator.putState(chaincode, 'own', bytes('new'));
      expect(simulator.getState(chaincode, 'own')).toBeUndefined();
    });
    expect(code).toBe(codes.VALID);
    expect(text(await world.query((s) => s.getState(chaincode, 'own')))).toBe('new');
  });

  it('stays what it was when a simulation began', async () => {
    await world.submit((s) => s.putState(chaincode, 'snap', bytes('1')));
    const early = world.ledger.simulator({ msp: 'AMSP', txId: 'early' });
    await world.submit((s) => s.putState(chaincode, 'snap', bytes('2')));
    expect(text(early.getState(chaincode, 'snap'))).toBe('1');
    early.done();
    expect(text(await world.query((s) => s.getState(chaincode, 'snap')))).toBe('2');
  });

  it('treats an empty value as a delete, and the key policy goes with it', async () => {
    await world.submit((s) => {
      s.putState(chaincode, 'gone', bytes('x'));
      s.setStateMetadata(chaincode, 'gone', new Map([[validationParameter, keyPolicy('CMSP')]]));
    });
    expect(
      await world.submit((s) => s.putState(chaincode, 'gone', new Uint8Array()), {
        endorsers: ['CMSP'],
      }),
    ).toBe(codes.VALID);
    expect(await world.query((s) => s.getState(chaincode, 'gone'))).toBeUndefined();
    expect((await world.query((s) => s.getStateMetadata(chaincode, 'gone'))).size).toBe(0);
    expect(
      await world.submit((s) => s.putState(chaincode, 'gone', bytes('y')), { endorsers: ['CMSP'] }),
    ).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
  });

  it('keeps a history, newest first, with deletes', async () => {
    await world.submit((s) => s.putState(chaincode, 'h', bytes('1')));
    await world.submit((s) => s.putState(chaincode, 'h', undefined));
    await world.submit((s) => s.putState(chaincode, 'h', bytes('3')));
    await world.submit((s) => s.putState(chaincode, 'h\0x', bytes('other')));
    const history = await world.query(async (s) => {
      const iterator = s.getHistoryForKey(chaincode, 'h');
      const found = [];
      for (let entry = await iterator.next(); entry; entry = await iterator.next()) {
        found.push([text(entry.value), entry.isDelete, entry.timestamp.seconds]);
      }
      return found;
    });
    expect(history).toEqual([
      ['3', false, 1_700_000_000],
      ['', true, 1_700_000_000],
      ['1', false, 1_700_000_000],
    ]);
  });
});

describe('endorsement', () => {
  const put = (key: string) => (s: { putState: (n: string, k: string, v: Uint8Array) => void }) =>
    s.putState(chaincode, key, bytes('v'));

  it("needs the chaincode's policy for new keys", async () => {
    expect(await world.submit(put('e1'), { endorsers: ['AMSP'] })).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
    expect(await world.submit(put('e1'), { endorsers: ['AMSP', 'AMSP'] })).toBe(
      codes.ENDORSEMENT_POLICY_FAILURE,
    );
    expect(await world.submit(put('e1'), { endorsers: ['BMSP', 'AMSP'] })).toBe(codes.VALID);
  });

  it("needs only the key's policy where a key has one, and that one", async () => {
    await world.submit((s) => {
      s.putState(chaincode, 'k', bytes('v'));
      s.setStateMetadata(chaincode, 'k', new Map([[validationParameter, keyPolicy('CMSP')]]));
    });
    expect(await world.submit(put('k'))).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
    expect(await world.submit(put('k'), { endorsers: ['CMSP'] })).toBe(codes.VALID);
    expect(
      await world.submit(
        (s) => {
          put('k')(s);
          put('another new key')(s);
        },
        { endorsers: ['CMSP'] },
      ),
    ).toBe(codes.ENDORSEMENT_POLICY_FAILURE);
  });

  it('refuses a write after a change of the key policy in the same block', async () => {
    await world.submit(put('sbe'));
    const change = await world.transaction((s) =>
      s.setStateMetadata(chaincode, 'sbe', new Map([[validationParameter, keyPolicy('CMSP')]])),
    );
    const write = await world.transaction(put('sbe'));
    const byNewOwner = await world.transaction(put('sbe'), { endorsers: ['CMSP'] });
    expect(await world.commit(change, write, byNewOwner)).toEqual([
      codes.VALID,
      codes.ENDORSEMENT_POLICY_FAILURE,
      codes.ENDORSEMENT_POLICY_FAILURE,
    ]);
    expect(await world.submit(put('sbe'), { endorsers: ['CMSP'] })).toBe(codes.VALID);
  });

  it('does not let a refused change of the key policy hold others up', async () => {
    await world.submit(put('sbe2'));
    const change = await world.transaction(
      (s) => s.setStateMetadata(chaincode, 'sbe2', new Map([[validationParameter, keyPolicy('CMSP')]])),
      { endorsers: ['CMSP'] },
    );
    expect(await world.commit(change, await world.transaction(put('sbe2')))).toEqual([
      codes.ENDORSEMENT_POLICY_FAILURE,
      codes.VALID,
    ]);
  });

  it('asks for an undefined chaincode in vain', async () => {
    expect(await world.submit((s) => s.putState('unknown', 'k', bytes('v')))).toBe(codes.INVALID_CHAINCODE);
  });

  it("holds a write in another chaincode's namespace to that one's policy", async () => {
    expect(await world.submit((s) => s.putState('other', 'k', bytes('v')), { endorsers: ['AMSP'] })).toBe(
      codes.ENDORSEMENT_POLICY_FAILURE,
    );
    expect(await world.submit((s) => s.putState('other', 'k', bytes('v')))).toBe(codes.VALID);
  });
});

describe('envelopes', () => {
  it('are refused with the code that tells why', async () => {
    const good = await world.transaction((s) => s.putState(chaincode, 'env', bytes('v')));
    const tampered = common.Envelope.deserializeBinary(good);
    const signature = Buffer.from(tampered.getSignature_asU8());
    signature[10] = (signature[10] ?? 0) ^ 1;
    tampered.setSignature(signature);
    const changed = common.Envelope.deserializeBinary(good);
    const payload = common.Payload.deserializeBinary(changed.getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    header.setTxId('0'.repeat(64));
    payload.getHeader()?.setChannelHeader(header.serializeBinary());
    changed.setPayload(payload.serializeBinary());
    changed.setSignature(await world.client.sign(changed.getPayload_asU8()));
    expect(
      await world.commit(
        tampered.serializeBinary(),
        changed.serializeBinary(),
        bytes('no envelope'),
        new Uint8Array(),
        good,
        good,
      ),
    ).toEqual([
      codes.BAD_CREATOR_SIGNATURE,
      codes.BAD_PROPOSAL_TXID,
      codes.INVALID_OTHER_REASON,
      codes.BAD_COMMON_HEADER,
      codes.VALID,
      codes.DUPLICATE_TXID,
    ]);
    expect(await world.commit(good)).toEqual([codes.DUPLICATE_TXID]);
  });

  it('of random bytes never stop the ledger', async () => {
    const good = Buffer.from(await world.transaction((s) => s.putState(chaincode, 'fuzz', bytes('v'))));
    const broken = Array.from({ length: 200 }, (_, i) => {
      const copy = Buffer.from(good.subarray(0, i % 3 === 0 ? (i * 7919) % good.length : undefined));
      if (copy.length > 0) copy[(i * 104729) % copy.length] = (i * 31) % 256;
      return copy;
    });
    const found = await world.commit(...broken);
    expect(found.filter((code) => code === codes.VALID).length).toBeLessThan(3);
  });

  it('from an outsider are refused', async () => {
    const stranger = await World.create();
    const envelope = await stranger.transaction((s) => s.putState(chaincode, 'x', bytes('v')));
    await stranger.destroy();
    expect(await world.commit(envelope)).toEqual([codes.BAD_CREATOR_SIGNATURE]);
  });
});

describe('reads', () => {
  it('must be what the state holds', async () => {
    await world.submit((s) => s.putState(chaincode, 'm', bytes('0')));
    const increment = () =>
      world.transaction((s) => {
        const value = Number(text(s.getState(chaincode, 'm')));
        s.putState(chaincode, 'm', bytes(String(value + 1)));
      });
    const [one, two] = [await increment(), await increment()];
    expect(await world.commit(one, two)).toEqual([codes.VALID, codes.MVCC_READ_CONFLICT]);
    expect(await world.commit(await increment())).toEqual([codes.VALID]);
    expect(text(await world.query((s) => s.getState(chaincode, 'm')))).toBe('2');
  });

  it('of a range must find the same keys', async () => {
    await world.submit((s) => {
      for (const key of ['r1', 'r2', 'r3']) s.putState(chaincode, key, bytes(key));
    });
    const scan = (count: number, result: string) =>
      world.transaction(async (s) => {
        const range = s.getStateRange(chaincode, 'r', 's');
        for (let i = 0; i < count; i++) await range.next();
        s.putState(chaincode, result, bytes('scanned'));
      });
    const insert = (key: string) => world.transaction((s) => s.putState(chaincode, key, bytes(key)));
    expect(await world.commit(await insert('r25'), await scan(9, 'z1'))).toEqual([
      codes.VALID,
      codes.PHANTOM_READ_CONFLICT,
    ]);
    // Stopped at r2: what comes behind it was not read.
    const partial = await scan(2, 'z2');
    expect(await world.commit(await insert('r4'), partial)).toEqual([codes.VALID, codes.VALID]);
    const whole = await scan(9, 'z3');
    const removal = await world.transaction((s) => s.putState(chaincode, 'r4', undefined));
    expect(await world.commit(removal, whole)).toEqual([codes.VALID, codes.PHANTOM_READ_CONFLICT]);
    expect(await world.commit(await scan(9, 'z4'))).toEqual([codes.VALID]);
  });

  it('of a long range are compared by hashes', async () => {
    await world.submit((s) => {
      for (let i = 1000; i < 1200; i++) s.putState(chaincode, `long${i}`, bytes('v'));
    });
    const scan = (result: string) =>
      world.transaction(async (s) => {
        const range = s.getStateRange(chaincode, 'long', 'longz');
        let count = 0;
        while ((await range.next()) !== undefined) count++;
        s.putState(chaincode, result, bytes(String(count)));
      });
    const same = await scan('sum');
    const stale = await scan('sum2');
    expect(await world.commit(same)).toEqual([codes.VALID]);
    expect(text(await world.query((s) => s.getState(chaincode, 'sum')))).toBe('200');
    await world.submit((s) => s.putState(chaincode, 'long1150', bytes('new')));
    expect(await world.commit(stale)).toEqual([codes.PHANTOM_READ_CONFLICT]);
  });
});

describe('queries', () => {
  it('are paged with bookmarks, in transactions that do not write', async () => {
    await world.submit((s) => {
      for (const key of ['p1', 'p2', 'p3', 'p\u{1F600}', 'p\uFFFD']) {
        s.putState(chaincode, key, bytes(key));
      }
    });
    const page = (start: string) =>
      world.query(async (s) => {
        const range = s.getStateRange(chaincode, start, 'q', 2);
        const keys = [];
        for (let kv = await range.next(); kv; kv = await range.next()) keys.push(kv.key);
        return { keys, bookmark: range.bookmark };
      });
    expect(await page('p')).toEqual({ keys: ['p1', 'p2'], bookmark: 'p3' });
    expect(await page('p3')).toEqual({ keys: ['p3', 'p\uFFFD'], bookmark: 'p\u{1F600}' });
    expect(await page('p\u{1F600}')).toEqual({ keys: ['p\u{1F600}'], bookmark: '' });
    await world.query((s) => {
      s.putState(chaincode, 'w', bytes('v'));
      expect(() => s.getStateRange(chaincode, 'p', 'q', 2)).toThrow(
        'Paginated queries are supported only in a read-only transaction',
      );
    });
    await world.query((s) => {
      s.getStateRange(chaincode, 'p', 'q', 2);
      expect(() => s.putState(chaincode, 'w', bytes('v'))).toThrow(
        'Transaction has already performed a paginated query. Writes are not allowed',
      );
    });
  });

  it('do not reach into other namespaces', async () => {
    const keys = await world.query(async (s) => {
      const range = s.getStateRange('other', '', '');
      const found = [];
      for (let kv = await range.next(); kv; kv = await range.next()) found.push(kv.key);
      return found;
    });
    expect(keys).toEqual(['k']);
  });

  it('refuse what Fabric refuses', () => {
    const simulator = world.ledger.simulator({ msp: 'AMSP', txId: 't' });
    expect(() => simulator.putState(chaincode, '', bytes('v'))).toThrow('empty');
    expect(() => simulator.getPrivateData(chaincode, 'mine', 'k')).toThrow('not supported');
    expect(() => simulator.getPrivateDataHash(chaincode, '_implicit_org_ZMSP', 'k')).toThrow(
      'not defined in the collection config',
    );
    simulator.done();
    expect(() => simulator.getState(chaincode, 'k')).toThrow('Done()');
  });
});
