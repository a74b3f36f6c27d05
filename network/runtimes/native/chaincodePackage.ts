import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const BLOCK = 512;

/** One `ustar` header as POSIX.1-1988 has it; owner, group and time are zero so that equal content gives equal bytes. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0, 100, 'utf8');
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  // The checksum is computed over the header with blanks in the checksum's own field.
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/**
 * A gzipped tar archive of small files in the order given; the same files give the same bytes. A packer for two regular
 * files with short names is shorter than the use of a library, and Node has gzip. Nothing is compressed, so that the
 * bytes hardly depend on the zlib in use, and the header's operating system is set to "unknown".
 */
export function tarGz(files: readonly { readonly name: string; readonly content: Buffer }[]): Buffer {
  const parts = files.flatMap(({ name, content }) => [
    tarHeader(name, content.length),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  const archive = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 0 });
  archive[9] = 255;
  return archive;
}

/** A chaincode package in Fabric's lifecycle form, and the id a peer gives it. */
export interface ChaincodePackage {
  /** `label:sha256 of the package`, as Fabric computes it (`persistence.PackageID`). */
  readonly packageId: string;
  readonly bytes: Buffer;
}

/**
 * The package of a chaincode that runs as a service, for one organisation. It is deterministic, so that installing it
 * twice is installing it once, and the id is known before a peer is asked.
 * @param label name, version and organisation: it keeps the organisations' package ids apart, as each runs its own code.
 * @param address `host:port` where the organisation's chaincode service listens.
 */
export function chaincodePackage(label: string, address: string): ChaincodePackage {
  const connection = { address, dial_timeout: '10s', tls_required: false };
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value), 'utf8');
  const bytes = tarGz([
    { name: 'metadata.json', content: json({ type: 'ccaas', label }) },
    { name: 'code.tar.gz', content: tarGz([{ name: 'connection.json', content: json(connection) }]) },
  ]);
  return { packageId: `${label}:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}
