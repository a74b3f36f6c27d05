import { existsSync, openSync, readdirSync, readSync, closeSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logPath } from '../processes/processes';

export interface LogOptions {
  readonly directory: string;
  /** Process whose log is wanted; all by default. */
  readonly process?: string;
  /** How many of the last lines of each. */
  readonly lines: number;
  readonly print: (line: string) => void;
  /** While it is not aborted, new lines are printed as they come. */
  readonly follow?: AbortSignal;
}

const pollMs = 300;

/**
 * Prints the last lines of the processes' logs, each with its process in front where there are several.
 *
 * @throws where no process of that name has logged anything.
 */
export async function showLogs(options: LogOptions): Promise<void> {
  const names = logNames(options.directory);
  const chosen = options.process === undefined ? names : names.filter((name) => name === options.process);
  if (chosen.length === 0)
    throw new Error(
      options.process === undefined
        ? `there are no logs in ${options.directory}`
        : `no log of "${options.process}"; there are ${names.join(', ')}`,
    );
  const prefix = (name: string): string => (chosen.length > 1 ? `${name}: ` : '');
  const offsets = new Map<string, number>();
  for (const name of chosen) {
    const content = readFileSync(logPath(options.directory, name), 'utf8');
    offsets.set(name, Buffer.byteLength(content));
    const lines = content.split('\n').filter((line) => line !== '');
    for (const line of lines.slice(-options.lines)) options.print(prefix(name) + line);
  }
  while (options.follow !== undefined && !options.follow.aborted) {
    await sleep(pollMs);
    for (const name of chosen) {
      const { text, end } = readFrom(logPath(options.directory, name), offsets.get(name) ?? 0);
      offsets.set(name, end);
      for (const line of text.split('\n')) if (line !== '') options.print(prefix(name) + line);
    }
  }
}

function logNames(directory: string): readonly string[] {
  const logs = path.dirname(logPath(directory, 'any'));
  if (!existsSync(logs)) return [];
  return readdirSync(logs)
    .filter((file) => file.endsWith('.log'))
    .map((file) => path.basename(file, '.log'))
    .sort();
}

/** Whole lines from an offset on; an unfinished last line is left for the next time. */
function readFrom(file: string, offset: number): { readonly text: string; readonly end: number } {
  const size = statSync(file).size;
  if (size <= offset) return { text: '', end: size };
  const buffer = Buffer.alloc(size - offset);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, buffer, 0, buffer.length, offset);
  } finally {
    closeSync(handle);
  }
  const whole = buffer.lastIndexOf('\n') + 1;
  return { text: buffer.toString('utf8', 0, whole), end: offset + whole };
}
