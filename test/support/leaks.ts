import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

/** A place where a needle was found. */
export interface Leak {
  readonly needle: string;
  readonly encoding: string;
  readonly place: string;
  /** Found in a record of a store as the store reads it; otherwise in the bytes of a file. */
  readonly stored: boolean;
}

interface Pattern {
  readonly needle: string;
  readonly encoding: string;
  readonly bytes: Buffer;
}

interface Form {
  readonly encoding: string;
  readonly bytes: Buffer;
}

/**
 * The forms that a text may take in a store: itself, as a JSON string, UTF-16 in both byte orders, hexadecimal, and
 * base64 (both alphabets) at each of the three alignments that it can have inside a longer text. Characters that
 * depend on the neighbouring bytes are cut off.
 */
export function encodingsOf(text: string): Form[] {
  const utf8 = Buffer.from(text, 'utf8');
  const littleEndian = Buffer.from(text, 'utf16le');
  return [
    { encoding: 'utf-8', bytes: utf8 },
    { encoding: 'json', bytes: Buffer.from(JSON.stringify(text).slice(1, -1), 'utf8') },
    { encoding: 'json-ascii', bytes: Buffer.from(asciiJson(text), 'utf8') },
    { encoding: 'utf-16le', bytes: littleEndian },
    { encoding: 'utf-16be', bytes: Buffer.from(littleEndian).swap16() },
    { encoding: 'hex', bytes: Buffer.from(utf8.toString('hex'), 'utf8') },
    ...base64Of(utf8),
  ];
}

/**
 * The forms that bytes, such as a digest, may take: themselves, and as a text of their hexadecimal or base64, which may
 * be inside base64 again, as it is in a JWS.
 */
export function encodingsOfBytes(bytes: Buffer): Form[] {
  const texts = (['hex', 'base64', 'base64url'] as const).map((name) => ({
    name,
    text: bytes.toString(name).replace(/=+$/, ''),
  }));
  return [
    { encoding: 'raw', bytes },
    ...base64Of(bytes),
    ...texts.flatMap(({ name, text }) => [
      { encoding: name, bytes: Buffer.from(text) },
      ...base64Of(Buffer.from(text)).map((form) => ({ ...form, encoding: `${name} in ${form.encoding}` })),
    ]),
  ];
}

function base64Of(bytes: Buffer): Form[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const skip = shift === 0 ? 0 : shift + 1;
    const whole = Math.floor((padded.length * 8) / 6);
    return (['base64', 'base64url'] as const).map((alphabet) => ({
      encoding: `${alphabet}+${shift}`,
      bytes: Buffer.from(padded.toString(alphabet).slice(skip, whole), 'utf8'),
    }));
  });
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

/** Shorter forms are not looked for, as they occur by chance. */
const leastBytes = 6;
const slots = 1 << 22;

/** Finds any of many patterns in one pass: a table of their first four bytes tells where to look closer. */
class Search {
  readonly #table = new Uint8Array(slots);
  readonly #byStart = new Map<number, Pattern[]>();

  constructor(patterns: readonly Pattern[]) {
    for (const pattern of patterns) {
      if (pattern.bytes.length < leastBytes) continue;
      const start = pattern.bytes.readUInt32LE(0);
      this.#table[slotOf(start)] = 1;
      const same = this.#byStart.get(start);
      if (same === undefined) this.#byStart.set(start, [pattern]);
      else same.push(pattern);
    }
  }

  /** Every pattern that occurs, once. */
  find(bytes: Buffer): Set<Pattern> {
    const found = new Set<Pattern>();
    let start = 0;
    for (let end = 0; end < bytes.length; end++) {
      start = ((start >>> 8) | ((bytes[end] ?? 0) << 24)) >>> 0;
      if (end < 3 || this.#table[slotOf(start)] === 0) continue;
      const offset = end - 3;
      for (const pattern of this.#byStart.get(start) ?? []) {
        if (bytes.subarray(offset, offset + pattern.bytes.length).equals(pattern.bytes)) found.add(pattern);
      }
    }
    return found;
  }
}

const slotOf = (start: number): number => Math.imul(start, 0x9e3779b1) >>> 10;

/**
 * Searches every file below `directories`, and every record of every LevelDB store in them (whose blocks may be
 * compressed on disk), for the needles in each encoding, and changes nothing: of a text as a text, of bytes (reported in hexadecimal) as
 * bytes. Forms of fewer than six bytes are left out. The stores must not be open.
 */
export async function findLeaks(
  directories: readonly string[],
  needles: Iterable<string | Buffer>,
): Promise<Leak[]> {
  const search = new Search(
    [...needles].flatMap((needle) =>
      typeof needle === 'string'
        ? encodingsOf(needle).map((form) => ({ needle, ...form }))
        : encodingsOfBytes(needle).map((form) => ({ needle: needle.toString('hex'), ...form })),
    ),
  );
  const found: Leak[] = [];
  const look = (bytes: Buffer, place: string, stored: boolean): void => {
    for (const { needle, encoding } of search.find(bytes)) found.push({ needle, encoding, place, stored });
  };
  for (const directory of directories) {
    for (const file of filesBelow(directory)) look(withoutPadding(readFileSync(file)), file, false);
    for (const store of storesBelow(directory))
      await searchStore(store, (bytes, place) => {
        look(bytes, place, true);
      });
  }
  return found;
}

/** Reads a copy: opening a store rewrites its files, and what was deleted in them may go. */
async function searchStore(directory: string, look: (bytes: Buffer, place: string) => void): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'store-'));
  cpSync(directory, copy, { recursive: true });
  const store = new ClassicLevel<Buffer, Buffer>(copy, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    createIfMissing: false,
  });
  try {
    await store.open();
    for await (const [key, value] of store.iterator()) {
      look(key, `${directory} key ${key.toString('latin1').slice(0, 80)}`);
      look(value, `${directory} value of ${key.toString('latin1').slice(0, 80)}`);
    }
  } finally {
    await store.close();
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Files that are allocated ahead, as logs of consensus are, end in megabytes of zeros. */
function withoutPadding(bytes: Buffer): Buffer {
  const zeros = Buffer.alloc(64 * 1024);
  let end = bytes.length;
  while (end >= zeros.length && bytes.subarray(end - zeros.length, end).equals(zeros)) end -= zeros.length;
  return bytes.subarray(0, end);
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
