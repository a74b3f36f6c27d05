import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIdentities } from '../../../network/identity/identities';
import { openNetwork, writeNetworkFile } from '../../../network/topology/network-file';
import { compiledProgram, defaultConsortium, projectRoot } from '../../../network/topology/project';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'command-'));
  writeNetworkFile(directory, { runtime: 'embedded', consortium: defaultConsortium });
  await createIdentities(openNetwork(directory));
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Runs the compiled command as an operator does. */
async function run(...args: readonly string[]): Promise<Outcome> {
  const program = compiledProgram('network', 'cli', 'main.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { cwd: projectRoot, timeout: 20_000 },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      },
    );
  });
}

describe('the network command', () => {
  it('explains itself with examples', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('network identity issue bank-a alice --attribute role=analyst');
  });

  it('makes a department\u2019s key and says only what is public of it', async () => {
    const newKey = (department: string) =>
      run(
        'department-key',
        'new',
        '--organisation',
        'tax',
        '--department',
        department,
        '--directory',
        directory,
      );
    const [first, next] = [await newKey('tax-shanghai'), await newKey('tax-shanghai')];
    expect([first.code, next.code]).toEqual([0, 0]);
    expect(next.out).toMatch(/^kid {10}\S{43}\nfingerprint {2}([0-9a-f]{4} ?){16}\npublic key {3}\{.*\}$/m);
    expect(next.out).not.toContain('"d"');
    expect(next.out).not.toBe(first.out);
    expect(await newKey('tax-nowhere')).toMatchObject({ code: 1 });
  });

  it('answers wrong usage with code 2', async () => {
    expect((await run('frobnicate')).code).toBe(2);
    const { code, err } = await run('up', '--runtime', 'docker');
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are embedded, native');
  });

  it('issues and lists identities', async () => {
    const issued = await run(
      'identity',
      'issue',
      'bank-a',
      'alice',
      '--attribute',
      'role=analyst',
      '--directory',
      directory,
    );
    expect(issued).toMatchObject({ code: 0, err: '' });
    const { out } = await run('identity', 'list', 'bank-a', '--json', '--directory', directory);
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({
        id: 'alice',
        attributes: expect.objectContaining({ role: 'analyst' }) as unknown,
      }),
    );
  });

  it('answers a failure with code 1 and one line, no stack trace', async () => {
    const { code, err } = await run('identity', 'issue', 'bank-x', 'alice', '--directory', directory);
    expect(code).toBe(1);
    expect(err).toMatch(/^network: no organisation "bank-x" in the consortium; it has [^\n]*\n$/);
  });

  it('names file and line of a consortium that cannot be used', async () => {
    const file = path.join(directory, 'wrong.yaml');
    writeFileSync(
      file,
      readFileSync(defaultConsortium, 'utf8').replace('roles: [regulator]', 'roles: [king]'),
    );
    const { code, err } = await run('up', '--consortium', file, '--directory', path.join(directory, 'other'));
    expect(code).toBe(1);
    expect(err).toMatch(/^network: .*wrong\.yaml:\d+: "king" is not a role/);
  });

  it('tells that a network is not running by code 3', async () => {
    const { code, out } = await run('status', '--directory', directory);
    expect(code).toBe(3);
    expect(out).toContain('not (fully) running on embedded, never completely up');
    expect(out).toMatch(/^bank-a +BankAMSP +bank +registry, sharing-bank-a, lending-bank-a$/m);
  });

  it('tells where there is no network', async () => {
    const { code, err } = await run('status', '--directory', path.join(directory, 'nowhere'));
    expect(code).toBe(1);
    expect(err).toMatch(/^network: there is no network in .*nowhere; "network up" makes one\n$/);
  });
});
