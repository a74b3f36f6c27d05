import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** A place where a needle was found. */
export interface Leak {
  readonly needle: string;
  readonly encoding: string;
  readonly place: string;
}

interface Pattern {
  readonly needle: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

/**
 * The forms that a text may take in a store: itself, as a JSON string, UTF-16 in both byte orders, hexadecimal, and
 * base64 (both alphabets) at each of the three alignments that it can have inside a longer text. Characters that
 * depend on the neighbouring bytes are cut off.
 */
export function encodingsOf(text: string): { readonly encoding: string; readonly bytes: Buffer }[] {
  const utf8 = Buffer.from(text, 'utf8');
  const littleEndian = Buffer.from(text, 'utf16le');
  const forms = [
    { encoding: 'utf-8', bytes: utf8 },
    { encoding: 'json', bytes: Buffer.from(JSON.stringify(text).slice(1, -1), 'utf8') },
    { encoding: 'json-ascii', bytes: Buffer.from(asciiJson(text), 'utf8') },
    { encoding: 'utf-16le', bytes: littleEndian },
    { encoding: 'utf-16be', bytes: Buffer.from(littleEndian).swap16() },
    { encoding: 'hex', bytes: Buffer.from(utf8.toString('hex'), 'utf8') },
  ];
  for (const shift of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(shift), utf8]);
    const skip = shift === 0 ? 0 : shift + 1;
    const whole = Math.floor((padded.length * 8) / 6);
    for (const alphabet of ['base64', 'base64url'] as const) {
      forms.push({
        encoding: `${alphabet}+${shift}`,
        bytes: Buffer.from(padded.toString(alphabet).slice(skip, whole), 'utf8'),
      });
    }
  }
  return forms;
}

const asciiJson = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/gu, (character) =>
      Array.from(
        { length: character.length },
        (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
      ).join(''),
    );

/**
 * Searches every file below `directories`, and every record of every LevelDB store in them (whose blocks may be
 * compressed on disk), for the needles in each encoding. The stores must not be open.
 */
export async function findLeaks(directories: readonly string[], needles: readonly string[]): Promise<Leak[]> {
  const patterns: Pattern[] = needles.flatMap((needle) =>
    encodingsOf(needle).map((form) => ({ needle, ...form })),
  );
  const found: Leak[] = [];
  const look = (bytes: Buffer, place: string): void => {
    for (const { needle, encoding, bytes: pattern } of patterns) {
      if (bytes.includes(pattern)) found.push({ needle, encoding, place });
    }
  };
  for (const directory of directories) {
    for (const file of filesBelow(directory)) look(readFileSync(file), file);
    for (const store of storesBelow(directory)) await searchStore(store, look);
  }
  return found;
}

async function searchStore(directory: string, look: (bytes: Buffer, place: string) => void): Promise<void> {
  const store = new ClassicLevel<Buffer, Buffer>(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    createIfMissing: false,
  });
  await store.open();
  try {
    for await (const [key, value] of store.iterator()) {
      look(key, `${directory} key ${key.toString('latin1').slice(0, 80)}`);
      look(value, `${directory} value of ${key.toString('latin1').slice(0, 80)}`);
    }
  } finally {
    await store.close();
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

function storesBelow(directory: string): string[] {
  const directories = [
    directory,
    ...readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name)),
  ];
  return directories.filter((path) => existsSync(join(path, 'CURRENT')) && statSync(path).isDirectory());
}
