import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { findLeaks } from './leaks';

const secret = '4928137755 浦东机械';

describe('the search for leaked values', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'leaks-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const inFile = async (content: string | Buffer): Promise<string[]> => {
    writeFileSync(join(directory, 'file'), content);
    return (await findLeaks([directory], [secret])).map((leak) => leak.encoding);
  };

  it.each([0, 1, 2])('finds a value inside base64 at alignment %i', async (shift) => {
    const text = `${'x'.repeat(shift)}${secret}tail`;
    expect(await inFile(Buffer.from(text).toString('base64url'))).toContain(`base64url+${shift}`);
  });

  it('finds a value in clear, in JSON with escapes, in UTF-16 and in hexadecimal', async () => {
    expect(await inFile(`a${secret}b`)).toContain('utf-8');
    expect(await inFile('4928137755 \\u6d66\\u4e1c\\u673a\\u68b0')).toContain('json-ascii');
    expect(await inFile(Buffer.from(secret, 'utf16le'))).toContain('utf-16le');
    expect(await inFile(Buffer.from(secret, 'utf16le').swap16())).toContain('utf-16be');
    expect(await inFile(Buffer.from(secret).toString('hex'))).toContain('hex');
  });

  it('finds a value in a store whose blocks are compressed on disk', async () => {
    const store = new ClassicLevel(join(directory, 'db'), { compression: true });
    for (let index = 0; index < 2000; index += 1) await store.put(`k${index}`, `${'0'.repeat(50)}${index}`);
    await store.put('here', secret);
    await store.close();
    expect(
      (await findLeaks([directory], [secret])).some((leak) => leak.place.includes('value of here')),
    ).toBe(true);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await inFile('4928137754 浦东机械')).toEqual([]);
  });
});
