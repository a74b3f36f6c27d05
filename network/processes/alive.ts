import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** True while the process exists and is the one that was started then. */
export function isAlive(pid: number, started: string): boolean {
  return startOf(pid) === started;
}

/**
 * When a process was started, in whatever form the system tells it; undefined where none of that id runs. Process ids
 * are used again, and a pid file outlives a crash: id and start together name one process.
 */
export function startOf(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? startFromProc(pid) : startFromPs(pid);
}

function startFromProc(pid: number): string | undefined {
  const file = `/proc/${pid}/stat`;
  let stat: string;
  try {
    stat = readFileSync(file, 'utf8');
  } catch {
    // It may vanish between a check and the read.
    return undefined;
  }
  // The name in parentheses may itself hold spaces and parentheses; state is the first field after it, the start in
  // clock ticks the twentieth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return dead ? undefined : fields[19];
}

function startFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5000,
    }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    // ps answers with a failure where the process does not exist.
    return undefined;
  }
}
