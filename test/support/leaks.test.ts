import { createHash } from 'node:crypto';
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

  it('finds bytes in clear, and as text inside base64', async () => {
    const digest = createHash('sha256').update(secret).digest();
    const find = async (content: string | Buffer): Promise<string[]> => {
      writeFileSync(join(directory, 'file'), content);
      return (await findLeaks([directory], [digest])).map(({ encoding }) => encoding);
    };
    expect(await find(Buffer.concat([Buffer.from('ab'), digest, Buffer.from('c')]))).toEqual(['raw']);
    const claims = `{"a":"${digest.toString('base64url')}"}`;
    expect(await find(claims)).toContain('base64url');
    expect(await find(Buffer.from(claims).toString('base64url'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^base64url in base64/)]),
    );
    expect(await find('')).toEqual([]);
  });

  it('finds each of many values', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => String(918_273_645_000 + index * 7));
    writeFileSync(join(directory, 'file'), many.map((value) => Buffer.from(value).toString('hex')).join(','));
    const found = await findLeaks([directory], many);
    expect(new Set(found.map(({ needle }) => needle))).toEqual(new Set(many));
  });

  it('finds nothing where there is nothing', async () => {
    expect(await inFile('4928137754 浦东机械')).toEqual([]);
  });
});
