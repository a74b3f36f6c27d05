import { signEnterprise } from '../../../gateway/issuer';
import { isUscc } from '../../../chaincode/registry/uscc';
import type { Enterprise } from '../../../chaincode/registry/model';
import {
  World,
  department,
  enterprise,
  market,
  newSignatory,
  officer,
  otherUscc,
  platform,
  registrar,
  tax,
  user,
  uscc,
} from './world';

describe('Unified Social Credit Codes', () => {
  it.each(['91350100M000100Y43', '91110000600037341L', '914403001922038216'])('accepts %s', (code) => {
    expect(isUscc(code)).toBe(true);
  });

  it.each(['91350100M000100Y44', '91350100M000100Y4', '91350100M000100YI3', '91350100m000100y43'])(
    'refuses %s',
    (code) => {
      expect(isUscc(code)).toBe(false);
    },
  );
});

describe('enterprises', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.setUp();
  });

  const put = async (entry: Enterprise, signer = 'amr-shanghai') => {
    const signed = await signEnterprise(
      {
        ...world.signer(signer),
        issuer: entry.registeredBy,
        kid: world.signer(signer).kid,
        sign: (input) => world.signer(signer).sign(input),
      },
      entry,
    );
    await world.submit('PutEnterprise', signed, registrar, [market, platform]);
  };

  it('registers what the department signed, for both to change and nobody else', async () => {
    const entry = enterprise();
    await world.register(entry);
    expect((await world.evidence({ uscc })).enterprise).toEqual(entry);
    const next = await signEnterprise(world.signer('amr-shanghai'), {
      ...entry,
      version: 2,
      status: 'SUSPENDED',
    });
    await expect(world.submit('PutEnterprise', next, registrar, [tax, platform])).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await world.submit('PutEnterprise', next, registrar, [market, platform]);
    expect((await world.evidence({ uscc })).enterprise?.status).toBe('SUSPENDED');
  });

  it('refuses an entry that another department signed, or that was altered', async () => {
    const entry = enterprise();
    await expect(put(entry, 'amr-zhejiang')).rejects.toThrow(/^ENTERPRISE_SIGNATURE_INVALID/);
    await expect(put(entry, 'tax-shanghai')).rejects.toThrow(/^ENTERPRISE_SIGNATURE_INVALID/);
    const signed = await signEnterprise(world.signer('amr-shanghai'), entry);
    const altered = { ...signed, entry: { ...entry, mandate: { required: 2 } } };
    await expect(world.submit('PutEnterprise', altered, registrar, [market, platform])).rejects.toThrow(
      /^ENTERPRISE_SIGNATURE_INVALID/,
    );
  });

  it('takes entries from registrars of the department named only', async () => {
    const signed = await signEnterprise(world.signer('amr-shanghai'), enterprise());
    for (const caller of [
      department(market, 'amr-zhejiang', 'registrar'),
      department(tax, 'amr-shanghai', 'registrar'),
    ])
      await expect(world.submit('PutEnterprise', signed, caller, [market, platform])).rejects.toThrow(
        /^NOT_YOUR_RECORD/,
      );
    const attester = department(market, 'amr-shanghai', 'attester');
    await expect(world.submit('PutEnterprise', signed, attester, [market, platform])).rejects.toThrow(
      /^UNAUTHORISED_ROLE/,
    );
  });

  it.each<[string, Partial<Enterprise>]>([
    ['a wrong check character', { uscc: `${uscc.slice(0, 17)}${uscc.endsWith('0') ? '1' : '0'}` }],
    ['more signatures than signatories', { mandate: { required: 2 } }],
    [
      'a mandate that counts on RECORDS',
      {
        mandate: { required: 2 },
        signatories: [newSignatory().signatory, newSignatory({ office: 'RECORDS' }).signatory],
      },
    ],
    ['nobody but RECORDS', { signatories: [newSignatory({ office: 'RECORDS' }).signatory] }],
    ['an authority that has ended', { signatories: [newSignatory({ to: '2026-11-22' }).signatory] }],
  ])('refuses %s', async (_, change) => {
    await expect(put(enterprise(change))).rejects.toThrow(/^ENTERPRISE_INVALID\[entry\./);
  });

  it('refuses one key under two ids, and one id twice', async () => {
    const { signatory } = newSignatory();
    const twin = { ...signatory, id: newSignatory().signatory.id };
    await expect(put(enterprise({ signatories: [signatory, twin] }))).rejects.toThrow(/^ENTERPRISE_INVALID/);
    const same = { ...newSignatory().signatory, id: signatory.id };
    await expect(put(enterprise({ signatories: [signatory, same] }))).rejects.toThrow(/^ENTERPRISE_INVALID/);
  });

  it('lets authorities end, but nobody vanish, change a key or come back', async () => {
    const [one, two, three] = [newSignatory().signatory, newSignatory().signatory, newSignatory().signatory];
    const entry = enterprise({ signatories: [one, two] });
    await put(entry);
    const next = (signatories: Enterprise['signatories'], version = 2) =>
      put({ ...entry, signatories, version });
    await expect(next([one])).rejects.toThrow(/^ENTERPRISE_INVALID\[entry\.signatories\]/);
    await expect(next([one, { ...two, jwk: three.jwk }])).rejects.toThrow(/^ENTERPRISE_INVALID/);
    await expect(next([one, { ...two, office: 'RECORDS' }])).rejects.toThrow(/^ENTERPRISE_INVALID/);
    await expect(next([one, { ...two, to: '2026-11-01' }, three], 3)).rejects.toThrow(/^VERSION_CONFLICT/);
    await next([one, { ...two, to: '2026-11-01' }, three]);
    await expect(next([one, two, three], 3)).rejects.toThrow(/^ENTERPRISE_INVALID/);
    await expect(put({ ...entry, signatories: [one, two] })).rejects.toThrow(/^VERSION_CONFLICT/);
  });

  it('shows users of an enterprise their own entry only', async () => {
    await world.register(enterprise());
    expect(await world.query('GetEnterprise', { uscc }, user(uscc))).toMatchObject({ entry: { uscc } });
    await expect(world.query('GetEnterprise', { uscc }, user(otherUscc))).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(world.evidence({ uscc }, user(otherUscc))).rejects.toThrow(/^NOT_YOUR_RECORD/);
    await expect(world.query('GetEnterprise', { uscc: otherUscc }, officer)).rejects.toThrow(/^NOT_FOUND/);
  });

  it('leaves out of evidence an entry that two organisations forged', async () => {
    const entry = enterprise();
    const signed = await signEnterprise(world.signer('amr-shanghai'), entry);
    await world.register(entry);
    const forged = { ...entry, signatories: [...entry.signatories, newSignatory().signatory] };
    const forgeries = [
      { entry: forged, signature: signed.signature },
      // Signed, but by a department that registers nobody.
      await signEnterprise(
        {
          issuer: 'department:tax-shanghai',
          kid: world.signer('tax-shanghai').kid,
          sign: (input) => world.signer('tax-shanghai').sign(input),
        },
        { ...forged, registeredBy: 'department:tax-shanghai' },
      ),
      { entry: { ...entry, uscc: otherUscc }, signature: signed.signature },
      'not even JSON',
    ];
    for (const forgery of forgeries) {
      world.ledger.tamper('registry', 'registry', `enterprise~${uscc}`, forgery);
      expect(await world.evidence({ uscc })).not.toHaveProperty('enterprise');
    }
    // A true entry under another's key is none of that enterprise.
    world.ledger.tamper('registry', 'registry', `enterprise~${otherUscc}`, signed);
    expect(await world.evidence({ uscc: otherUscc })).not.toHaveProperty('enterprise');
  });
});
