import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '..', '..');
const contract = 'chaincode/registry/snippet.ts';
const clock = 'chaincode/ledger/clock.ts';

/** What would make endorsers disagree, or would leave the ledger. */
const banned: Record<string, string> = {
  'the clock, by Date.now': 'export const f = () => Date.now();',
  'the clock, by new Date': 'export const f = () => new Date();',
  'the clock, by performance': 'export const f = () => performance.now();',
  'the clock, by Date of a global object': 'export const f = () => globalThis.Date.now();',
  'the timestamp past the skew check': 'export const f = (ctx: any) => ctx.stub.getTxTimestamp();',
  'the timestamp as a Date': 'export const f = (ctx: any) => ctx.stub.getDateTimestamp();',
  'randomness, by Math': 'export const f = () => Math.random();',
  'randomness, by Math destructured': 'export const { random } = Math;',
  'randomness, by a global crypto': 'export const f = () => crypto.randomUUID();',
  'randomness, by node:crypto': "import { randomBytes } from 'node:crypto'; export const f = randomBytes;",
  'randomness, by crypto without prefix': "import { randomUUID } from 'crypto'; export const f = randomUUID;",
  'randomness, by a namespace of crypto': "import * as c from 'node:crypto'; export const f = c;",
  'randomness, by the default of crypto': "import c from 'node:crypto'; export const f = c;",
  'signing, which is random': "import { sign } from 'node:crypto'; export const f = sign;",
  'a key pair': "import { generateKeyPairSync } from 'node:crypto'; export const f = generateKeyPairSync;",
  'jwtVerify, which looks at the clock': "import { jwtVerify } from 'jose'; export const f = jwtVerify;",
  'signing by jose': "import { CompactSign } from 'jose'; export const f = CompactSign;",
  'a timer': 'export const f = () => setTimeout(() => undefined, 1);',
  'a timer of node:timers': "import { setTimeout } from 'node:timers/promises'; export const f = setTimeout;",
  'an interval': 'export const f = () => setInterval(() => undefined, 1);',
  setImmediate: 'export const f = () => setImmediate(() => undefined);',
  'a race': 'export const f = (a: Promise<void>) => Promise.race([a]);',
  'the environment': 'export const f = () => process.env.HOME;',
  'the environment, by node:process': "import { env } from 'node:process'; export const f = env;",
  'the environment, by node:os': "import { hostname } from 'node:os'; export const f = hostname;",
  'the MSP of the environment': 'export const f = (ctx: any) => ctx.stub.getMspID();',
  'the MSP of the environment, in brackets': "export const f = (ctx: any) => ctx.stub['getMspID']();",
  'the MSP of the environment, destructured': 'export const f = ({ getMspID }: any) => getMspID();',
  'the network, by fetch': "export const f = () => fetch('http://localhost');",
  'the network, by node:http': "import { get } from 'node:http'; export const f = get;",
  'the network, by node:net': "import { connect } from 'node:net'; export const f = connect;",
  files: "import { readFileSync } from 'node:fs'; export const f = readFileSync;",
  'files, by promises': "import { readFile } from 'node:fs/promises'; export const f = readFile;",
  'another process': "import { execSync } from 'child_process'; export const f = execSync;",
  require: "export const f = () => require('node:fs');",
  'import()': "export const f = () => import('node:fs');",
  eval: "export const f = () => eval('1');",
  'the locale, by Intl': 'export const f = () => new Intl.NumberFormat();',
  'the locale of a number': 'export const f = (n: number) => n.toLocaleString();',
  'the locale of an order': 'export const f = (a: string, b: string) => a.localeCompare(b);',
  'module state, by let': 'let count = 0; export const f = () => ++count;',
  'module state, by an exported let': 'export let count = 0; export const f = () => ++count;',
  'module state, by var': 'var count = 0; export const f = () => ++count;',
  'module state, by a Map': 'const cache = new Map<string, string>(); export const f = () => cache;',
  'module state, by an exported Set': 'export const seen = new Set<string>();',
  'module state, by a list': 'const seen: string[] = []; export const f = () => seen.push();',
  'module state, by an object': 'const cache: Record<string, string> = {}; export const f = () => cache;',
  'module state, by an object as something':
    'const cache = {} as Record<string, string>; export const f = () => cache;',
  'module state, by a static member': 'export class A { static count = 0; }',
  'state of a contract': 'export class A extends Contract { private cache = 1; }',
  'state of a contract, assigned in a function':
    'export class A extends Contract { f() { this.cache = 1; } }',
  'logging what was given': "export const f = (ctx: any) => ctx.logging.getLogger('x');",
  'a ban switched off': '/* eslint-disable */ export const f = () => Date.now();',
  'the console': "export const f = () => console.log('x');",
};

/** What contracts do all the time. */
const allowed: Record<string, string> = {
  hashing: "import { createHash } from 'node:crypto'; export const f = createHash;",
  verifying: "import { compactVerify } from 'jose'; export const f = compactVerify;",
  'tables that are constants':
    "export const codes = ['a', 'b'] as const; export const kinds = { a: 1 } as const;",
  'a Map inside a function':
    'export const f = () => { const seen = new Map<string, string>(); return seen; };',
  rounding: 'export const f = (n: number) => Math.floor(n);',
  'waiting for all': 'export const f = (a: Promise<void>[]) => Promise.all(a);',
};

interface Linted {
  readonly name: string;
  readonly messages: readonly string[];
}

function lint(snippets: readonly { name: string; path: string; code: string }[]): Map<string, Linted> {
  const run = spawnSync(process.execPath, ['test/support/chaincode/lint.mjs'], {
    cwd: root,
    input: JSON.stringify(snippets),
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return new Map((JSON.parse(run.stdout) as Linted[]).map((result) => [result.name, result]));
}

describe('determinism of chaincode', () => {
  const clockUse = 'export const f = () => Date.now();';
  const results = lint([
    ...Object.entries({ ...banned, ...allowed }).map(([name, code]) => ({ name, path: contract, code })),
    { name: 'clock file: Date', path: clock, code: clockUse },
    { name: 'clock file: randomness', path: clock, code: 'export const f = () => Math.random();' },
    { name: 'clock file: state', path: clock, code: 'let last = 0; export const f = () => ++last;' },
    { name: 'elsewhere: Date', path: 'gateway/snippet.ts', code: clockUse },
  ]);
  const messagesOf = (name: string) => results.get(name)?.messages ?? ['not linted'];

  it.each(Object.keys(banned))('refuses %s', (name) => {
    expect(messagesOf(name)).not.toEqual([]);
    expect(messagesOf(name).filter((message) => !message.startsWith('no-restricted-'))).toEqual([]);
  });

  it.each(Object.keys(allowed))('allows %s', (name) => {
    expect(messagesOf(name)).toEqual([]);
  });

  it('lets one file look at the clock, and do nothing else', () => {
    expect(messagesOf('clock file: Date')).toEqual([]);
    expect(messagesOf('clock file: randomness')).not.toEqual([]);
    expect(messagesOf('clock file: state')).not.toEqual([]);
    expect(messagesOf('elsewhere: Date')).toEqual([]);
  });
});
