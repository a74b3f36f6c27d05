import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, startOf } from './alive';

/** A process that outlives the command that starts it. */
export interface ProcessSpec {
  /** The network's directory: the log goes to `logs/<name>.log`, the process id to `run/<name>.pid`. */
  readonly directory: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Tells whether it serves; asked again and again until then. Gets what the process has logged since its start. */
  readonly ready: (log: string) => boolean | Promise<boolean>;
  /** Milliseconds after which a process that is not ready counts as failed and is stopped. */
  readonly deadlineMs: number;
}

export interface ProcessState {
  readonly name: string;
  readonly pid: number | undefined;
  readonly running: boolean;
}

/** A process did not come up or did not go down. The message ends with the last lines of its log. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
}

const pollMs = 25;

/** File to which a process of the network logs. */
export function logPath(directory: string, name: string): string {
  return path.join(directory, 'logs', `${name}.log`);
}

/**
 * Starts a detached process and waits until it is ready. One that already runs is left alone.
 *
 * @returns true where it was started, false where it ran already.
 * @throws {@link ProcessError} where it ends or the deadline passes before it is ready; nothing is left running then.
 */
export async function startProcess(spec: ProcessSpec): Promise<boolean> {
  const { directory, name } = spec;
  if (processState(directory, name).running) return false;
  const log = logPath(directory, name);
  mkdirSync(path.dirname(log), { recursive: true });
  mkdirSync(path.dirname(pidPath(directory, name)), { recursive: true });
  const offset = existsSync(log) ? statSync(log).size : 0;
  const output = openSync(log, 'a', 0o600);
  const child = spawn(spec.command, [...spec.args], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...spec.env },
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  });
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `it ended with ${signal ?? `code ${code ?? '?'}`}`));
  child.unref();
  if (child.pid !== undefined) remember(directory, name, child.pid);

  const deadline = Date.now() + spec.deadlineMs;
  while (!(await spec.ready(readLog(log, offset)))) {
    if (ended === undefined && Date.now() > deadline) {
      await stopProcess(directory, name);
      ended = `it was not ready within ${spec.deadlineMs / 1000} s`;
    }
    if (ended !== undefined) {
      rmSync(pidPath(directory, name), { force: true });
      throw new ProcessError(`${name} did not start: ${ended}${tail(readLog(log, offset))}`);
    }
    await sleep(pollMs);
  }
  return true;
}

/**
 * Stops a process: asks by SIGTERM, and ends it by SIGKILL where it has not gone within the grace period. Harmless
 * where it does not run.
 */
export async function stopProcess(directory: string, name: string, graceMs = 10_000): Promise<void> {
  const known = recall(directory, name);
  if (known !== undefined) {
    if (!(await end(known, 'SIGTERM', graceMs)) && !(await end(known, 'SIGKILL', 5000)))
      throw new ProcessError(`${name} (process ${known.pid}) cannot be stopped`);
  }
  rmSync(pidPath(directory, name), { force: true });
}

/** Whether a process of that name runs. */
export function processState(directory: string, name: string): ProcessState {
  const known = recall(directory, name);
  const running = known !== undefined && isAlive(known.pid, known.started);
  return { name, pid: running ? known.pid : undefined, running };
}

/** Names of the processes that were started in the directory and not stopped since. */
export function knownProcesses(directory: string): readonly string[] {
  const run = path.dirname(pidPath(directory, 'any'));
  if (!existsSync(run)) return [];
  return readdirSync(run)
    .filter((file) => file.endsWith('.pid'))
    .map((file) => path.basename(file, '.pid'));
}

/** Sends a signal to a process; false where it does not run. */
export function signalProcess(directory: string, name: string, signal: NodeJS.Signals): boolean {
  const { pid } = processState(directory, name);
  return pid !== undefined && send(pid, signal);
}

/** Whether something accepts connections on a port of this machine. */
export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    const answer = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

interface Known {
  readonly pid: number;
  readonly started: string;
}

function pidPath(directory: string, name: string): string {
  return path.join(directory, 'run', `${name}.pid`);
}

function remember(directory: string, name: string, pid: number): void {
  const started = startOf(pid);
  if (started !== undefined) writeFileSync(pidPath(directory, name), `${pid} ${started}\n`);
}

function recall(directory: string, name: string): Known | undefined {
  const file = pidPath(directory, name);
  if (!existsSync(file)) return undefined;
  const [, pid, started] = /^(\d+) (.+)\n$/.exec(readFileSync(file, 'utf8')) ?? [];
  return pid === undefined || started === undefined ? undefined : { pid: Number(pid), started };
}

async function end({ pid, started }: Known, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  if (isAlive(pid, started)) send(pid, signal);
  while (isAlive(pid, started)) {
    if (Date.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    // It ended between the check and the signal.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function readLog(file: string, offset: number): string {
  return readFileSync(file).subarray(offset).toString('utf8');
}

function tail(log: string): string {
  const lines = log.trimEnd().split('\n').slice(-12);
  return lines.join('') === '' ? '' : `\n  ${lines.join('\n  ')}`;
}
