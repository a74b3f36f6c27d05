import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Refusal } from './refusal';

/** The person in front of the signer. Secrets come from a file or from the keyboard, never from an argument. */

/** A file's text, or standard input for `-`. @throws Refusal where it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new Refusal(
      `Cannot read ${path === '-' ? 'standard input' : path}: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

async function ask(question: string, hidden: boolean): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Refusal(
      hidden
        ? 'No terminal to ask for the passphrase: use --passphrase-file.'
        : 'No terminal to ask: use --yes.',
    );
  }
  process.stderr.write(question);
  // What is typed is echoed to the interface's output; for a passphrase that is a sink.
  const sink = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const terminal = createInterface({
    input: process.stdin,
    output: hidden ? sink : process.stderr,
    terminal: true,
  });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** The passphrase, from the first line of a file or typed. */
export async function askPassphrase(file: string | undefined, question = 'Passphrase: '): Promise<string> {
  if (file !== undefined) return readText(file).split(/\r?\n/, 1)[0] ?? '';
  return ask(question, true);
}

/** Whether the person says yes, in full. */
export async function confirm(question: string): Promise<boolean> {
  return (await ask(`${question} Type yes to sign: `, false)).trim().toLowerCase() === 'yes';
}
