import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gatewayPath, loadUsers } from '../../../gateway/auth/users';
import { openDevelopmentIssuer, TokenVerifier } from '../../../gateway/auth/tokens';
import { createIdentities, issueIdentity } from '../../../network/identity/identities';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

const uscc = '91310115000000001A';
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'gateway-users-'));
  const context = { topology: loadTopology(defaultConsortium), directory };
  await createIdentities(context);
  await issueIdentity(context, 'tax', {
    id: 'attester.tax-shanghai',
    ou: 'client',
    attributes: { role: 'attester,examiner', department: 'tax-shanghai' },
  });
  await issueIdentity(context, 'tax', { id: 'agent', ou: 'client', attributes: { role: 'release-agent' } });
  await issueIdentity(context, 'enterprise', {
    id: 'somebody',
    ou: 'client',
    attributes: { role: 'enterprise-user', uscc },
  });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('without a user file', () => {
  it('takes roles, department and enterprise from the certificate', () => {
    const user = loadUsers(directory, 'tax').find('attester.tax-shanghai');
    expect(user).toMatchObject({ roles: ['attester', 'examiner'], department: 'tax-shanghai' });
    expect(user?.scopes).toEqual(expect.arrayContaining(['records:write', 'documents:examine']));
    expect(user?.scopes).not.toContain('consents:request');
    expect(loadUsers(directory, 'enterprise').find('somebody')).toMatchObject({ uscc });
  });

  it('gives agents and services no scopes, and knows nobody else', () => {
    const users = loadUsers(directory, 'tax');
    expect(users.find('agent')?.scopes).toEqual([]);
    expect(users.find('gateway')?.scopes).toEqual([]);
    for (const subject of ['nobody', '../users/agent', 'a/b', '', '__proto__', 'somebody'])
      expect(users.find(subject)).toBeUndefined();
  });
});

describe('with a user file', () => {
  const write = (content: unknown) => {
    const home = gatewayPath(directory, 'enterprise');
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, 'users.json'), JSON.stringify(content));
    return () => loadUsers(directory, 'enterprise');
  };

  it('knows those in the file only, with scopes that narrow and never widen', () => {
    const users = write({
      users: {
        'li.wei@example.cn': { identity: 'somebody', scopes: ['consents:read', 'consents:request'] },
      },
    })();
    expect(users.find('li.wei@example.cn')).toMatchObject({
      identity: 'somebody',
      scopes: ['consents:read'],
    });
    for (const subject of ['somebody', 'constructor', '__proto__'])
      expect(users.find(subject)).toBeUndefined();
  });

  it('refuses a file with an unknown scope or member', () => {
    expect(write({ users: { a: { identity: 'somebody', scopes: ['all'] } } })).toThrow(/unknown scope "all"/);
    expect(write({ users: { a: { identity: '../x' } } })).toThrow(/not a valid list of users/);
  });
});

describe('the development issuer', () => {
  it('refuses to start in production', async () => {
    await expect(openDevelopmentIssuer(directory, 'tax', 'production')).rejects.toThrow(
      /NODE_ENV=production/,
    );
  });

  it('keeps its key to itself, and its tokens good over a restart', async () => {
    const home = path.join(directory, 'issuer');
    const first = await openDevelopmentIssuer(home, 'tax', undefined);
    const token = await first.issue('attester.tax-shanghai');
    const again = await openDevelopmentIssuer(home, 'tax', 'development');
    const verifier = new TokenVerifier(again.trusted, { audience: 'tax' });
    expect(await verifier.verify(token)).toEqual({ subject: 'attester.tax-shanghai', scopes: undefined });
    expect(statSync(path.join(home, 'development-issuer.jwk')).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(again.trusted)).not.toContain('"d"');
    const other = await openDevelopmentIssuer(path.join(directory, 'other'), 'enterprise', undefined);
    expect(await verifier.verify(await other.issue('attester.tax-shanghai'))).toBeUndefined();
  });
});
