import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import { blockHeaderHash } from '../../../../network/blocks/hashes';
import { PrivateStore } from '../../../../network/runtimes/embedded/ledger/private-store';
import { collection } from './crash-load';
import { bytes, chaincode, text, World } from './world';

const codes = peer.TxValidationCode;

/** Runs the load on the directory and kills it `after` milliseconds; the last block that it reported. */
async function killedUnderLoad(directory: string, after: number): Promise<number> {
  const child = spawn(process.execPath, [path.join(__dirname, 'crash-child.js'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let reported = -1;
  let killing: Promise<void> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') {
      killing = sleep(after).then(() => {
        child.kill('SIGKILL');
      });
    } else {
      reported = Number(line);
    }
  }
  await killing;
  return reported;
}

/** Everything that must hold of the ledger, whenever its process died. */
async function expectWhole(world: World, reported: number): Promise<void> {
  const { height, info } = world.ledger;
  expect(height).toBeGreaterThan(reported);
  let previous: Uint8Array = Buffer.alloc(0);
  for (let number = 0; number < height; number++) {
    const block = common.Block.deserializeBinary((await world.ledger.blockBytes(number)) ?? new Uint8Array());
    const header = block.getHeader() ?? new common.BlockHeader();
    expect(Buffer.from(header.getPreviousHash_asU8())).toEqual(Buffer.from(previous));
    previous = blockHeaderHash(header);
    const committed = await world.ledger.block(number);
    expect(committed?.transactions.filter(({ code }) => code !== codes.VALID)).toEqual([]);
  }
  expect(Buffer.from(info.currentHash)).toEqual(Buffer.from(previous));
  const last = height - 1;
  if (last === 0) return;
  await world.query(async (s) => {
    expect(text(s.getState(chaincode, 'public'))).toBe(`value of block ${last}.`);
    const range = s.getPrivateDataRange(chaincode, collection, '', '');
    const found: (string | undefined)[] = [];
    for (let kv = await range.next(); kv; kv = await range.next()) found.push(text(kv.value));
    const expected = [last - 1, last].filter((n) => n > 0).map((n) => `value of block ${n}.`);
    expect(found.sort()).toEqual(expected.sort());
  });
}

it('keeps what it reported, and no half block, when killed at any moment', async () => {
  const world = await World.create();
  const { directory } = world;
  await world.ledgers.close();
  for (let round = 0; round < 8; round++) {
    const reported = await killedUnderLoad(directory, 20 + Math.random() * 400);
    await world.open();
    await expectWhole(world, reported);
    await world.ledgers.close();
  }
  rmSync(directory, { recursive: true });
}, 120_000);

describe('a crash between the private stores and the block', () => {
  const key = { channel: 'main', namespace: chaincode, collection, key: 'orphan' };
  const value = bytes('orphaned 0x0f0f');
  let world: World;

  const inStore = async (body: (store: PrivateStore) => Promise<void>): Promise<void> => {
    await world.ledgers.close();
    const store = await PrivateStore.open(path.join(world.directory, 'ledger', 'private', 'a'));
    await body(store);
    await store.close();
    await world.open();
  };

  beforeAll(async () => {
    world = await World.create();
  });
  afterAll(() => world.destroy());

  it('leaves no trace of the block that was never written', async () => {
    const version = { block: world.ledger.height, transaction: 0 };
    await inStore((store) =>
      store.prepare('main', version.block, [{ key, version, value, invalid: false, moved: false }], []),
    );
    await inStore(async (store) => {
      await Promise.resolve();
      expect(store.value(key, version)).toBeUndefined();
    });
    expect((await world.ledger.privateDataOfBlock('AMSP', version.block)).size).toBe(0);
  });

  it('keeps what was staged, for when the transaction is submitted again', async () => {
    const envelope = await world.transaction(
      (s) => s.putPrivateData(chaincode, collection, 'staged', bytes('still there')),
      { endorsers: ['AMSP'] },
    );
    await inStore(() => Promise.resolve());
    expect(await world.commit(envelope)).toEqual([codes.VALID]);
    expect(text(await world.query((s) => s.getPrivateData(chaincode, collection, 'staged')))).toBe(
      'still there',
    );
  });

  it('does the purges that the committed block asked for', async () => {
    await world.submit((s) => s.putPrivateData(chaincode, collection, 'orphan', value), {
      endorsers: ['AMSP'],
    });
    const block = world.ledger.height - 1;
    const version = { block, transaction: 0 };
    await inStore((store) =>
      store.prepare(
        'main',
        block,
        [],
        [{ namespace: chaincode, collection, keyHash: '', key: 'orphan', version }],
      ),
    );
    const directory = path.join(world.directory, 'ledger', 'private', 'a');
    expect(
      readdirSync(directory).filter((file) =>
        readFileSync(path.join(directory, file)).includes('orphaned 0x0f0f'),
      ),
    ).toEqual([]);
  });

  it('forgets staged data of transactions that committed', async () => {
    const rwset = new ledger.rwset.TxPvtReadWriteSet();
    const { txId } = (await world.ledger.block(0))?.transactions[0] ?? { txId: '' };
    await inStore((store) => store.stage('main', txId, 1, rwset));
    await inStore(async (store) => {
      await store.recover('main', world.ledger.height, () => false);
      expect(store.staged('main', txId, chaincode, collection, Buffer.alloc(0))).toBeUndefined();
    });
  });
});
