import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NetworkContext } from '../../network/runtimes/runtime';
import { compiledProgram } from '../../network/topology/project';

const run = promisify(execFile);
const deadlineMs = 60_000;
const mostBytes = 16 * 1024 * 1024;

/**
 * Runs the command `lending` in a process of its own, as somebody does who trusts no gateway.
 *
 * @returns what it printed.
 * @throws where it found something that does not hold.
 */
export async function runLending({ directory }: NetworkContext, args: readonly string[]): Promise<string> {
  const program = compiledProgram('gateway', 'lending', 'cli', 'main.js');
  const { stdout } = await run(process.execPath, [program, ...args, '--directory', directory], {
    timeout: deadlineMs,
    maxBuffer: mostBytes,
  });
  return stdout;
}
