import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { digestOf } from '../../chaincode/ledger/canonical';
import { verifyJws } from '../../chaincode/ledger/jws';
import type { PublicJwk } from '../../chaincode/ledger/schemas';
import {
  ConsentArtefact,
  statementType,
  type ConsentStatement,
  type ConsentView,
} from '../../chaincode/sharing/model';
import type { ConsentQuestion } from '../../chaincode/sharing/questions/model';
import { createKeyFile, parseKeyFile, unlock } from '../../signer/keyfile';
import { parseConsent, prepareStatement } from '../../signer/statement';
import { plain } from '../../signer/plain';
import { describeConsent } from '../../signer/words';
import { artefact } from './artefact';

const compiled = process.env.SIGNER_MAIN ?? resolve(__dirname, '../../dist/signer/main.js');

const view = (changes: Partial<ConsentView> = {}): ConsentView => ({
  artefact,
  digest: digestOf(artefact),
  state: 'REQUESTED',
  version: 0,
  requestedAt: '2026-11-20T00:00:00.000Z',
  required: 2,
  nextVersion: 1,
  persons: [],
  replacements: [],
  signedBy: [],
  stoppedThrough: [],
  ...changes,
});

describe('what the signer says', () => {
  it('changes with every member of what is signed', () => {
    const question: ConsentQuestion = {
      id: 'sales-12m',
      issuer: 'department:tax-shanghai',
      recordType: 'vat-filing',
      measure: 'RATIO',
      field: 'taxPaid',
      of: 'sales',
      months: 12,
      atLeast: '0.03',
    };
    const whole: ConsentArtefact = {
      ...artefact,
      replaces: { consentId: 'consent-9876543210', digest: digestOf({}) },
      questions: [question],
    };
    const words = (signed: ConsentArtefact) => describeConsent(signed).join('\n');
    const others: Required<ConsentArtefact> = {
      consentId: 'consent-5555555555',
      channel: 'sharing-bank-b',
      bank: 'BankBMSP',
      enterprise: '91330000MA2H7YQR5P',
      replaces: { consentId: 'consent-1111111111', digest: digestOf({}) },
      Purpose: { code: 'CREDIT_REVIEW', text: 'Another' },
      fetchType: 'ONETIME',
      consentStart: '2026-11-02T00:00:00Z',
      consentExpiry: '2027-06-29T00:00:00Z',
      DataRange: { from: '2025-01-01', to: '2026-11-30' },
      DataLife: { unit: 'MONTH', value: 4 },
      Frequency: { unit: 'MONTH', value: 2 },
      items: [],
      questions: [{ ...question, id: 'other' }],
      purgeWithinDays: 2,
      evidenceYears: 6,
    };
    for (const name of Object.keys(ConsentArtefact.properties) as (keyof ConsentArtefact)[])
      expect([name, words({ ...whole, [name]: others[name] }) === words(whole)]).toEqual([name, false]);
    const changes: ConsentQuestion[] = [
      { ...question, issuer: 'department:tax-zhejiang' },
      { ...question, recordType: 'social-insurance' },
      { ...question, measure: 'TREND' },
      { ...question, field: 'taxPayable' },
      { ...question, of: 'outputTax' },
      { ...question, months: 6 },
      { ...question, atLeast: '0.04' },
    ];
    for (const changed of changes) expect(words({ ...whole, questions: [changed] })).not.toBe(words(whole));
  });

  it('names who, what, how long and what is kept', () => {
    const words = describeConsent(artefact).join('\n');
    for (const part of [
      'the bank BankAMSP',
      'Deciding on a working capital loan',
      'vat-filing, held by the department tax-shanghai: sales, taxPaid',
      'from 2025-01-01 to 2026-12-31',
      'at most 1 time a month',
      'for 3 months',
      'until 2027-06-30T00:00:00Z',
      'within 1 day',
      'for 5 years',
    ])
      expect(words).toContain(part);
    expect(describeConsent({ ...artefact, fetchType: 'ONETIME', evidenceYears: 0 }).join('\n')).toMatch(
      /once only[^]*keeps nothing/,
    );
  });

  it('shows no character that could change what is seen', () => {
    expect(plain('a\u001b[2Jb\nc\u202ed\u2028e')).toBe('a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{2028}e');
    expect(plain('上海 Müller')).toBe('上海 Müller');
  });
});

describe('what the signer signs', () => {
  it('refuses a consent whose digest is of another', async () => {
    const other = { ...artefact, evidenceYears: 30 };
    await expect(parseConsent(JSON.stringify(view({ artefact: other })))).rejects.toThrow('another consent');
    await expect(parseConsent('{}')).rejects.toThrow('not a consent');
    await expect(parseConsent(JSON.stringify({ ...view(), note: 'x' }))).rejects.toThrow('not a consent');
  });

  it('names the version that the statement is about', () => {
    const versionOf = (action: ConsentStatement['action'], changes: Partial<ConsentView>) =>
      prepareStatement(view(changes), action, 'signatory-0123456789', '2026-11-20T00:00:00Z').version;
    expect(versionOf('GRANT', {})).toBe(1);
    expect(versionOf('PAUSE', { state: 'ACTIVE', version: 3 })).toBe(3);
    expect(versionOf('RESUME', { state: 'PAUSED', version: 3, nextVersion: 4 })).toBe(4);
    expect(versionOf('PAUSE', { state: 'PAUSED', version: 3, nextVersion: 4 })).toBe(3);
    const half = { state: 'PAUSED' as const, version: 3, nextVersion: 4, signedBy: ['anna'] };
    expect(versionOf('PAUSE', half)).toBe(4);
    expect(() => versionOf('RESUME', { state: 'ACTIVE', version: 1 })).toThrow('admits no RESUME');
    expect(() => versionOf('GRANT', { state: 'REVOKED', version: 1 })).toThrow('admits no GRANT');
    // The gateway's word that there is nothing to stop keeps nobody from stopping.
    expect(versionOf('REVOKE', { state: 'REVOKED', version: 1 })).toBe(1);
  });

  it('unlocks a key by its passphrase only, and notices an altered file', async () => {
    await expect(createKeyFile('short')).rejects.toThrow('at least');
    const file = await createKeyFile('correct horse');
    expect(JSON.stringify(file)).not.toContain('"d"');
    await expect(unlock(file, 'wrong horse')).rejects.toThrow('passphrase is wrong');
    const other = await createKeyFile('correct horse');
    await expect(unlock({ ...file, jwk: other.jwk }, 'correct horse')).rejects.toThrow('altered');
    await expect(unlock(file, 'correct horse')).resolves.toMatchObject({ signatory: file.signatory });
    expect(() => parseKeyFile('{"kind":"other"}')).toThrow('not a key file');
  });
});

// `npm test` builds first; where nothing is built the command cannot be tried.
(existsSync(compiled) ? describe : describe.skip)('the command enterprise-signer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'signer-'));
  const path = (name: string): string => join(directory, name);
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });
  writeFileSync(path('passphrase'), 'correct horse battery\n', { mode: 0o600 });
  // Whatever opens a socket or looks up a name throws: the command must work without.
  writeFileSync(
    path('offline.js'),
    `const { Module } = require('node:module');
     const load = Module._load;
     const banned = /^(node:)?(net|tls|http|https|http2|dgram|dns)(\\/|$)/;
     Module._load = function (name, ...rest) {
       if (banned.test(name)) throw new Error('network module loaded: ' + name);
       return load.call(this, name, ...rest);
     };
     delete globalThis.fetch;`,
  );

  const run = (args: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--require', path('offline.js'), compiled, ...args],
      { input, encoding: 'utf8', timeout: 20_000 },
    );
    return { status, stdout, stderr };
  };
  const key = ['--key', path('key.json'), '--passphrase-file', path('passphrase')];
  const sign = (action: string, input: string, more: readonly string[] = ['--yes']) =>
    run(['sign', '--action', action, '--consent', '-', ...key, ...more], input);

  it('creates a key once, shows it, and signs what it showed', async () => {
    const created = run(['create', ...key]);
    expect(created.status).toBe(0);
    const { signatory, jwk } = JSON.parse(created.stdout) as { signatory: string; jwk: PublicJwk };
    expect(statSync(path('key.json')).mode & 0o777).toBe(0o600);
    expect(run(['create', ...key])).toMatchObject({ status: 1 });
    expect(JSON.parse(run(['public', '--key', path('key.json')]).stdout)).toEqual({ signatory, jwk });

    const shown = run(['show', '-'], JSON.stringify(view()));
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toContain('0 of 2 needed signatures');

    const signed = sign('GRANT', JSON.stringify(view()));
    expect(signed.status).toBe(0);
    expect(signed.stderr).toContain('You agree to all of the above');
    const verified = await verifyJws(signed.stdout.trim(), jwk, statementType);
    expect(JSON.parse(Buffer.from(verified?.payload ?? []).toString())).toMatchObject({
      action: 'GRANT',
      artefactDigest: digestOf(artefact),
      consentId: artefact.consentId,
      signatory,
      version: 1,
    });
    expect(verified?.kid).toBe(signatory);
  });

  it('refuses and says why, without a stack', () => {
    const tampered = JSON.stringify(view({ artefact: { ...artefact, evidenceYears: 30 } }));
    expect(sign('GRANT', tampered)).toMatchObject({ status: 1, stdout: '' });
    writeFileSync(path('wrong'), 'another passphrase');
    const wrong = run(
      [
        'sign',
        '--action',
        'GRANT',
        '--consent',
        '-',
        '--key',
        path('key.json'),
        '--passphrase-file',
        path('wrong'),
        '--yes',
      ],
      JSON.stringify(view()),
    );
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toContain('passphrase is wrong');
    expect(sign('GRANT', JSON.stringify(view()), [])).toMatchObject({ status: 1, stdout: '' });
    expect(sign('AGREE', JSON.stringify(view()))).toMatchObject({ status: 2, stdout: '' });
    expect(run(['sign'])).toMatchObject({ status: 2 });
    expect(run(['--help'])).toMatchObject({ status: 0 });
    for (const { stderr } of [wrong, sign('GRANT', tampered)]) expect(stderr).not.toMatch(/:\d+:\d+\)?$/m);
    expect(readFileSync(path('key.json'), 'utf8')).not.toContain('correct horse');
  });
});
