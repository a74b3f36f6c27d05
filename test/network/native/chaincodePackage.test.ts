import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBuilder } from '../../../network/runtimes/native/builder';
import { chaincodePackage, tarGz } from '../../../network/runtimes/native/chaincodePackage';

const label = 'sharing_1.0_bank-a';
const address = '127.0.0.1:7056';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'package-'));
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

function extract(archive: Buffer, into: string): void {
  writeFileSync(join(base, 'archive.tar.gz'), archive);
  execFileSync('mkdir', ['-p', join(base, into)]);
  execFileSync('tar', ['-xzf', join(base, 'archive.tar.gz'), '-C', join(base, into)]);
}

function text(...path: string[]): string {
  return readFileSync(join(base, ...path), 'utf8');
}

describe('a chaincode package', () => {
  it('has the id that a peer computes: label and SHA-256 of the package', () => {
    const { packageId, bytes } = chaincodePackage(label, address);
    expect(packageId).toBe(`${label}:${createHash('sha256').update(bytes).digest('hex')}`);
  });

  it('names neither time nor system, so that the same subject has the same id', () => {
    const { bytes } = chaincodePackage(label, address);
    expect(bytes.equals(chaincodePackage(label, address).bytes)).toBe(true);
    expect(bytes.readUInt32LE(4)).toBe(0);
    expect(bytes[9]).toBe(255);
  });

  it('differs by organisation and by address', () => {
    const ids = [
      chaincodePackage(label, address),
      chaincodePackage('sharing_1.0_bank-b', address),
      chaincodePackage(label, '127.0.0.1:7057'),
    ].map(({ packageId }) => packageId);
    expect(new Set(ids).size).toBe(3);
  });

  it('unpacks to the files that Fabric looks for', () => {
    extract(chaincodePackage(label, address).bytes, 'package');
    expect(JSON.parse(text('package', 'metadata.json'))).toEqual({ type: 'ccaas', label });
    extract(readFileSync(join(base, 'package', 'code.tar.gz')), 'code');
    expect(JSON.parse(text('code', 'connection.json'))).toEqual({
      address,
      dial_timeout: '10s',
      tls_required: false,
    });
  });

  it('keeps content of every length, full blocks included', () => {
    const files = [0, 1, 511, 512, 513, 1024].map((length) => ({
      name: `f${length}`,
      content: Buffer.alloc(length, 'x'),
    }));
    extract(tarGz(files), 'files');
    for (const { name, content } of files) {
      expect(statSync(join(base, 'files', name)).size).toBe(content.length);
    }
  });
});

describe('the external builder', () => {
  function run(script: string, ...args: string[]): void {
    execFileSync(join(writeBuilder(base), 'bin', script), args, { stdio: 'pipe' });
  }

  it('carries the address from a package to where the peer reads it', () => {
    extract(chaincodePackage(label, address).bytes, 'metadata');
    extract(readFileSync(join(base, 'metadata', 'code.tar.gz')), 'source');
    execFileSync('mkdir', [join(base, 'output'), join(base, 'release')]);
    run('detect', join(base, 'source'), join(base, 'metadata'));
    run('build', join(base, 'source'), join(base, 'metadata'), join(base, 'output'));
    run('release', join(base, 'output'), join(base, 'release'));
    expect(JSON.parse(text('release', 'chaincode', 'server', 'connection.json'))).toMatchObject({ address });
  });

  it('leaves packages of other types to other builders', () => {
    writeFileSync(join(base, 'metadata.json'), JSON.stringify({ type: 'node', label }));
    expect(() => run('detect', base, base)).toThrow();
  });
});
