import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BinariesError, findBinaries, parseVersion } from '../../../network/runtimes/native/binaries';

describe('the version that a binary prints', () => {
  it.each([
    ['peer:\n Version: v2.5.16\n Commit SHA: x\n', '2.5.16', '2.5'],
    ['orderer:\n Version: 2.5.9\n', '2.5.9', '2.5'],
    ['peer:\n Version: v3.1.5\n Go version: go1.26.8\n', '3.1.5', '3.1'],
  ])('is read from %j', (output, version, release) => {
    expect(parseVersion(output)).toEqual({ version, release });
  });

  it.each(['peer:\n Version: v2.4.7\n', 'peer:\n Version: v3.0.0\n', 'peer:\n Version: v2.50.1\n', 'what?'])(
    'is refused where no configuration is known for it: %j',
    (output) => {
      expect(() => parseVersion(output)).toThrow(BinariesError);
    },
  );
});

describe('finding the binaries', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'binaries-'));
  });
  afterEach(() => {
    rmSync(base, { recursive: true });
  });

  function place(directory: string, name: string, version: string): void {
    mkdirSync(join(base, directory), { recursive: true });
    const file = join(base, directory, name);
    writeFileSync(file, `#!/bin/sh\necho "${name}:"\necho " Version: v${version}"\n`);
    chmodSync(file, 0o755);
  }

  it('takes them from the PATH', async () => {
    place('a', 'peer', '2.5.16');
    place('b', 'orderer', '2.5.16');
    const found = await findBinaries({ PATH: [join(base, 'a'), join(base, 'b')].join(delimiter) });
    expect(found).toEqual({
      peer: join(base, 'a', 'peer'),
      orderer: join(base, 'b', 'orderer'),
      version: '2.5.16',
      release: '2.5',
    });
  });

  it('takes them from FABRIC_BIN and from nowhere else where that is set', async () => {
    place('path', 'peer', '2.5.16');
    place('path', 'orderer', '2.5.16');
    place('chosen', 'peer', '3.1.5');
    place('chosen', 'orderer', '3.1.5');
    const PATH = join(base, 'path');
    await expect(findBinaries({ PATH, FABRIC_BIN: join(base, 'chosen') })).resolves.toMatchObject({
      version: '3.1.5',
    });
    await expect(findBinaries({ PATH, FABRIC_BIN: join(base, 'empty') })).rejects.toThrow(
      /peer and orderer, not found on FABRIC_BIN/,
    );
  });

  it('says which is missing and where it was looked for', async () => {
    place('a', 'peer', '2.5.16');
    await expect(findBinaries({ PATH: join(base, 'a') })).rejects.toThrow(
      /needs Fabric's orderer, not found on the PATH/,
    );
  });

  it('refuses a peer and an orderer of different versions', async () => {
    place('a', 'peer', '2.5.16');
    place('a', 'orderer', '3.1.5');
    await expect(findBinaries({ PATH: join(base, 'a') })).rejects.toThrow(/is Fabric 2.5.16 and .* is 3.1.5/);
  });
});
