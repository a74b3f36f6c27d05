import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startOf } from '../../../network/processes/alive';
import { withLock } from '../../../network/processes/lock';
import {
  processState,
  startProcess,
  stopProcess,
  type ProcessSpec,
} from '../../../network/processes/processes';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'processes-'));
});

afterEach(async () => {
  await stopProcess(directory, 'sample', 100);
  rmSync(directory, { recursive: true });
});

function spec(script: string, changes: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    directory,
    name: 'sample',
    command: process.execPath,
    args: ['-e', script],
    ready: (log) => log.includes('ready'),
    deadlineMs: 10_000,
    ...changes,
  };
}

const pidFile = (): string => path.join(directory, 'run', 'sample.pid');
const serving = 'console.log("ready"); setInterval(() => 0, 1000)';

describe('a detached process', () => {
  it('is started once and stopped', async () => {
    expect(await startProcess(spec(serving))).toBe(true);
    const { pid, running } = processState(directory, 'sample');
    expect(running).toBe(true);
    expect(await startProcess(spec(serving))).toBe(false);
    expect(processState(directory, 'sample').pid).toBe(pid);
    await stopProcess(directory, 'sample');
    expect(processState(directory, 'sample')).toEqual({ name: 'sample', pid: undefined, running: false });
    await stopProcess(directory, 'sample');
  });

  it('is ended by force where it does not go when asked', async () => {
    await startProcess(spec(`process.on("SIGTERM", () => 0); ${serving}`));
    const { pid } = processState(directory, 'sample');
    await stopProcess(directory, 'sample', 200);
    expect(startOf(pid ?? 0)).toBeUndefined();
  });

  it('that ends before it is ready is an error with the end of its log', async () => {
    const start = startProcess(spec('console.error("no such ledger"); process.exit(3)'));
    await expect(start).rejects.toThrow(/sample did not start: it ended with code 3\n {2}no such ledger/);
    expect(processState(directory, 'sample').running).toBe(false);
  });

  it('that is not ready in time is stopped', async () => {
    const start = startProcess(
      spec('console.log(process.pid); setInterval(() => 0, 1000)', { deadlineMs: 500 }),
    );
    await expect(start).rejects.toThrow('not ready within 0.5 s');
    const pid = Number(readFileSync(path.join(directory, 'logs', 'sample.log'), 'utf8'));
    expect(startOf(pid)).toBeUndefined();
  });

  it('is not taken for ready by what an earlier one logged', async () => {
    await startProcess(spec(serving));
    await stopProcess(directory, 'sample');
    await expect(startProcess(spec('process.exit(1)'))).rejects.toThrow('ended with code 1');
  });

  it('that cannot be run at all is an error', async () => {
    await expect(startProcess(spec('', { command: '/nonexistent' }))).rejects.toThrow('ENOENT');
  });

  it('is not confused with another that has its id', async () => {
    mkdirSync(path.dirname(pidFile()), { recursive: true });
    writeFileSync(pidFile(), `${process.pid} another start\n`);
    expect(processState(directory, 'sample').running).toBe(false);
    await stopProcess(directory, 'sample');
    expect(startOf(process.pid)).toBeDefined();
  });
});

describe('a lock', () => {
  it('lets one command at a time through', async () => {
    await withLock(directory, async () => {
      await expect(withLock(directory, () => Promise.resolve())).rejects.toThrow('another command');
    });
    await expect(withLock(directory, () => Promise.resolve('free'))).resolves.toBe('free');
  });

  it('is freed by a failure, and does not outlive a command that was killed', async () => {
    await expect(withLock(directory, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    mkdirSync(path.join(directory, 'run'), { recursive: true });
    writeFileSync(path.join(directory, 'run', 'command.lock'), `${process.pid} another start`);
    await expect(withLock(directory, () => Promise.resolve('free'))).resolves.toBe('free');
  });
});
