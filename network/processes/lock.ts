import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive, startOf } from './alive';

/**
 * Runs work that only one command at a time may do in a network's directory.
 *
 * @throws where another command is at it.
 */
export async function withLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(directory, 'run', 'command.lock');
  mkdirSync(path.dirname(file), { recursive: true });
  take(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): void {
  const own = `${process.pid} ${startOf(process.pid) ?? ''}`;
  try {
    writeFileSync(file, own, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const [, pid, started] = /^(\d+) (.*)$/.exec(readFileSync(file, 'utf8')) ?? [];
    if (pid !== undefined && started !== undefined && isAlive(Number(pid), started))
      throw new Error(`another command (process ${pid}) is at work on this network`, { cause: error });
    // Left behind by a command that was killed.
    rmSync(file, { force: true });
    writeFileSync(file, own, { flag: 'wx' });
  }
}
