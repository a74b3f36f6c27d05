/**
 * Keys of the stores. Parts are separated by a zero byte, which no channel, namespace or collection name contains.
 * A key of the ledger may contain one: where something follows it, it is escaped so that the order of keys stays the
 * order of their UTF-8 bytes.
 */

const zero = Buffer.from([0]);

/** Order of the strings' UTF-8 bytes, in which Fabric sorts; JavaScript's own compares UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for code points above U+FFFF, behind the rest. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

/** Block number and index of a transaction in 12 bytes that sort as the numbers do. */
export function heightBytes(block: number, transaction: number): Buffer {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeUInt32BE(Math.floor(block / 2 ** 32), 0);
  bytes.writeUInt32BE(block % 2 ** 32, 4);
  bytes.writeUInt32BE(transaction, 8);
  return bytes;
}

/** Reads what `heightBytes` wrote. */
export function readHeight(bytes: Buffer, offset: number): { block: number; transaction: number } {
  return {
    block: bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4),
    transaction: bytes.readUInt32BE(offset + 8),
  };
}

/** Block number in 8 bytes that sort as the numbers do. */
export const blockBytes = (block: number): Buffer => heightBytes(block, 0).subarray(0, 8);

/** A prefix letter and parts, each followed by a zero byte. */
export function prefix(letter: string, ...parts: readonly string[]): Buffer {
  return Buffer.from(letter + parts.map((part) => `${part}\0`).join(''), 'utf8');
}

/** First key behind all those that begin with `start`. */
export function endOf(start: Buffer): Buffer {
  const end = Buffer.from(start);
  for (let i = end.length - 1; i >= 0; i--) {
    const byte = end[i] ?? 0xff;
    if (byte < 0xff) {
      end[i] = byte + 1;
      return end.subarray(0, i + 1);
    }
  }
  throw new Error('nothing sorts behind a key of 0xff bytes');
}

/** UTF-8 of a ledger key, escaped and terminated, so that something may follow it. */
export function escaped(key: string): Buffer {
  const bytes = Buffer.from(key, 'utf8');
  if (!bytes.includes(0)) return Buffer.concat([bytes, zero, zero]);
  const out: number[] = [];
  for (const byte of bytes) {
    out.push(byte);
    if (byte === 0) out.push(0xff);
  }
  return Buffer.from([...out, 0, 0]);
}

/** Reads what `escaped` wrote at `offset`: the key, and where it ends. */
export function unescape(bytes: Buffer, offset: number): { key: string; end: number } {
  const out: number[] = [];
  for (let i = offset; i < bytes.length; i++) {
    const byte = bytes.readUInt8(i);
    if (byte !== 0) {
      out.push(byte);
    } else if (bytes[i + 1] === 0xff) {
      out.push(0);
      i++;
    } else {
      return { key: Buffer.from(out).toString('utf8'), end: i + 2 };
    }
  }
  throw new Error('a key of the store is not terminated');
}

/** Public state. */
export const stateKey = (namespace: string, key: string): Buffer =>
  Buffer.from(`s${namespace}\0${key}`, 'utf8');

/** Hash of a private key, by SHA-256 of the key. */
export const hashedKey = (namespace: string, collection: string, keyHash: Uint8Array): Buffer =>
  Buffer.concat([prefix('h', namespace, collection), keyHash]);

/** History of a public key, without and with the height of a change. */
export const historyKey = (namespace: string, key: string): Buffer =>
  Buffer.concat([prefix('x', namespace), escaped(key)]);

export const blockKey = (number: number): Buffer => Buffer.concat([Buffer.from('b'), blockBytes(number)]);

export const transactionKey = (txId: string): Buffer => Buffer.from(`t${txId}`, 'utf8');

export const blockHashKey = (hash: Uint8Array): Buffer => Buffer.concat([Buffer.from('n'), hash]);

/** The one record of where the chain stands. */
export const chainKey = Buffer.from('m');
