import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIdentities, listIdentities } from '../../../network/identity/identities';
import {
  consortiumState,
  issueEnterpriseUser,
  issueIdentities,
  loadPurposes,
  loadRecordTypes,
} from '../../../network/set-up';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

describe('set-up of a consortium', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'set-up-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('makes the departments\u2019 keys once, for their owner to read', async () => {
    const topology = loadTopology(defaultConsortium);
    const first = await consortiumState(topology, directory);
    expect(await consortiumState(topology, directory)).toEqual(first);
    const folder = path.join(directory, 'organisations', 'tax', 'departments');
    for (const name of ['tax-shanghai.jwk', 'tax-shanghai.handles.json'])
      expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
    const { d, kid } = JSON.parse(readFileSync(path.join(folder, 'tax-shanghai.jwk'), 'utf8')) as {
      d: string;
      kid: string;
    };
    expect(JSON.stringify(first)).toContain(kid);
    expect(JSON.stringify(first)).not.toContain(d);
  });

  it('takes a third bank and another region\u2019s tax office from the topology alone', async () => {
    const file = path.join(directory, 'consortium.yaml');
    const text = readFileSync(defaultConsortium, 'utf8')
      .replaceAll('../chaincode/', `${path.dirname(path.dirname(defaultConsortium))}/chaincode/`)
      .replace(
        '  - name: regulator\n',
        '  - name: bank-c\n    msp: BankCMSP\n    roles: [bank]\n\n  - name: regulator\n',
      )
      .replace(
        '      - id: tax-zhejiang\n',
        '      - id: tax-jiangsu\n        name: Jiangsu Tax Service\n        region: Jiangsu\n        recordTypes: [vat-filing]\n      - id: tax-zhejiang\n',
      );
    writeFileSync(file, text);
    const { consortium } = await consortiumState(loadTopology(file), directory);
    expect(consortium.channels).toContainEqual(
      expect.objectContaining({ name: 'sharing-bank-c', bank: 'BankCMSP' }),
    );
    const departments = consortium.organisations.flatMap((organisation) => organisation.departments);
    expect(departments.map(({ id }) => id)).toContain('tax-jiangsu');
  });

  it('issues who acts for departments, banks, platform and regulator, with the attributes that contracts read', async () => {
    const context = { topology: loadTopology(defaultConsortium), directory };
    await createIdentities(context);
    await issueIdentities(context);
    await issueIdentities(context);
    const user = await issueEnterpriseUser(context, '91350100M000100Y43');
    expect(user).toMatchObject({
      organisation: 'enterprise',
      attributes: { role: 'enterprise-user', uscc: '91350100M000100Y43' },
    });
    const attributes = (organisation: string) =>
      Object.fromEntries(
        listIdentities(context, organisation).map(({ id, attributes: { role, department } }) => [
          id,
          [role, department].filter((part) => part !== undefined).join(' '),
        ]),
      );
    expect(attributes('tax')).toMatchObject({
      administrator: 'admin',
      'attester.tax-shanghai': 'attester tax-shanghai',
      'release-agent.tax-zhejiang': 'release-agent tax-zhejiang',
    });
    expect(attributes('bank-a')).toMatchObject({
      'credit-officer': 'credit-officer',
      'purge-agent': 'purge-agent',
    });
    expect(attributes('enterprise')).toMatchObject({ 'platform-agent': 'platform-agent' });
    expect(attributes('regulator')).toMatchObject({ supervisor: 'supervisor' });
  });
});

describe('the catalogue', () => {
  it('has the record types that the consortium shares', () => {
    expect(loadRecordTypes().map(({ code }) => code)).toEqual([
      'administrative-penalty',
      'business-registration',
      'e-invoices',
      'financial-statement',
      'payment',
      'purchase-order',
      'social-insurance',
      'tax-arrears',
      'tax-credit-rating',
      'vat-filing',
    ]);
  });

  it('has a narrower purpose that allows less of everything', () => {
    const purposes = loadPurposes();
    const loan = purposes.find(({ code }) => code === 'WORKING_CAPITAL_LOAN');
    const review = purposes.find(({ code }) => code === 'CREDIT_REVIEW');
    for (const item of review?.items ?? []) {
      const wider = loan?.items.find(({ recordType }) => recordType === item.recordType)?.fields ?? [];
      expect(wider).toEqual(expect.arrayContaining(item.fields));
    }
    expect(review?.maxRangeMonths).toBeLessThan(loan?.maxRangeMonths ?? 0);
  });
});
