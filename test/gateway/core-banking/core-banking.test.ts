import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DepositsFile } from '../../../gateway/core-banking/deposits-file';
import { importDeposits, proposalIdOf, type Treasury } from '../../../gateway/core-banking/import';
import { PostingsFile } from '../../../gateway/core-banking/postings-file';
import { World, approver, treasurer } from '../../chaincode/lending/books/world';
import { blockOf } from './postings';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'core-banking-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string) => path.join(directory, name);

describe('the export of postings', () => {
  const counted = (): string => {
    if (!existsSync(file('checkpoint.json'))) return '';
    const { bytes } = JSON.parse(readFileSync(file('checkpoint.json'), 'utf8')) as { bytes: number };
    return readFileSync(file('postings.jsonl')).subarray(0, bytes).toString();
  };
  const writtenThrough = (last: number): string => {
    const other = mkdtempSync(path.join(tmpdir(), 'core-banking-'));
    const sink = new PostingsFile(other);
    for (let block = 0; block <= last; block++) sink.take(blockOf(block));
    sink.close();
    const text = readFileSync(path.join(other, 'postings.jsonl'), 'utf8');
    rmSync(other, { recursive: true });
    return text;
  };

  it('writes every entry exactly once, wherever it is killed', () => {
    const last = 60;
    const whole = writtenThrough(last);
    const run = (killAt: number) =>
      spawnSync(
        process.execPath,
        [path.join(__dirname, 'crash-child.js'), directory, String(killAt), String(last)],
        {
          encoding: 'utf8',
          timeout: 30_000,
        },
      );
    // A block with entries takes six operations: write, sync; write, sync, rename and sync of the checkpoint.
    let beyond = 0;
    for (let killAt = 1; killAt <= 18; killAt++) {
      expect(run(killAt)).toMatchObject({ signal: 'SIGKILL', stderr: '' });
      expect(whole.startsWith(counted())).toBe(true);
      if (readFileSync(file('postings.jsonl'), 'utf8').length > counted().length) beyond++;
    }
    // Some of the kills fell between the write and its checkpoint.
    expect(beyond).toBeGreaterThan(2);
    expect(run(0)).toMatchObject({ status: 0, stderr: '' });
    expect(counted()).toBe(whole);
    expect(readFileSync(file('postings.jsonl'), 'utf8')).toBe(whole);
  });

  it('takes no block twice, and goes on with no file that was cut', () => {
    const sink = new PostingsFile(directory);
    sink.take(blockOf(2));
    expect(sink.next()).toBe(3);
    expect(() => sink.take(blockOf(2))).toThrow(RangeError);
    sink.close();
    truncateSync(file('postings.jsonl'), 3);
    expect(() => new PostingsFile(directory)).toThrow('shorter than its checkpoint');
  });
});

describe('the import of deposits', () => {
  it('proposes each line once, and two persons make it money', async () => {
    const world = new World();
    const account = await world.deposit('0');
    const ids = ['core-line-0000000001', 'core-line-0000000002'];
    const treasury: Treasury = {
      propose: async (proposalId, content) => {
        try {
          await world.run('approvals:Propose', { proposalId, action: 'ISSUE', content }, treasurer);
          return true;
        } catch (error) {
          if (error instanceof Error && error.message.startsWith('ALREADY_EXISTS')) return false;
          throw error;
        }
      },
      digest: async (proposalId) => (await world.proposal(proposalId)).digest,
    };
    writeFileSync(file('a.csv'), `id,account,amount\n${ids[0] ?? ''},${account},700\n`);
    writeFileSync(
      file('b.jsonl'),
      ids.map((id, index) => JSON.stringify({ id, account, amount: String(700 + index) })).join('\n'),
    );
    expect(await importDeposits(new DepositsFile(file('a.csv')), treasury)).toEqual({
      proposed: 1,
      repeated: 0,
    });
    // The same line again, in another file and form, together with a new one.
    expect(await importDeposits(new DepositsFile(file('b.jsonl')), treasury)).toEqual({
      proposed: 1,
      repeated: 1,
    });
    expect(await world.balance(account)).toBe('0');
    for (const [index, id] of ids.entries()) {
      const proposalId = proposalIdOf({ id, account, amount: String(700 + index) });
      const { digest } = await world.proposal(proposalId);
      await world.run('approvals:Approve', { proposalId, digest }, approver);
    }
    expect(await world.balance(account)).toBe('1401');
    writeFileSync(file('c.csv'), `id,account,amount\n${ids[0] ?? ''},${account},999\n`);
    await expect(importDeposits(new DepositsFile(file('c.csv')), treasury)).rejects.toThrow('something else');
  });

  it('names the record that is no deposit', async () => {
    writeFileSync(file('bad.csv'), 'id,account,amount\ncore-line-0000000001,deposit-0123456789,1.50\n');
    const no = () => Promise.reject(new Error('never'));
    const never: Treasury = { propose: no, digest: no };
    await expect(importDeposits(new DepositsFile(file('bad.csv')), never)).rejects.toThrow(
      'record 1 is no deposit',
    );
    writeFileSync(file('bad.jsonl'), 'not JSON\n');
    await expect(importDeposits(new DepositsFile(file('bad.jsonl')), never)).rejects.toThrow('record 1');
  });
});
