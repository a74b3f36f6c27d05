import { checkNarrower } from '../../../chaincode/sharing/counter-proposal';
import { ConsentTerms, type ConsentArtefact } from '../../../chaincode/sharing/model';
import { officer, otherUser, platform, user, World } from './world';

const termsOf = (artefact: ConsentArtefact): ConsentTerms => {
  const names = Object.keys(ConsentTerms.properties);
  return Object.fromEntries(
    Object.entries(artefact).filter(([name]) => names.includes(name)),
  ) as unknown as ConsentTerms;
};
const asked = termsOf(new World().artefact());
const sales = asked.items.map((item) => ({ ...item, fields: ['sales'] }));

describe('a counter-proposal', () => {
  it('reaches the bank, which asks anew in the place of its request', async () => {
    const world = new World();
    const artefact = world.artefact();
    await world.request(artefact);
    const terms = { ...termsOf(artefact), items: sales, DataRange: { from: '2026-01-01', to: '2026-12-31' } };
    await world.run('CounterConsent', { consentId: artefact.consentId, terms }, user, [platform]);
    const { counterProposal, digest } = await world.view(artefact);
    expect(counterProposal).toEqual(terms);
    const anew = world.artefact({ ...terms, replaces: { consentId: artefact.consentId, digest } });
    await world.request(anew);
    for (const index of [0, 1])
      await world.lodge(anew, await world.statement(anew, 'GRANT', world.signer(index)));
    expect((await world.view(artefact)).state).toBe('REPLACED');
    const log = (await world.query('AccessLog', { enterprise: artefact.enterprise }, user)) as {
      items: { event: string }[];
    };
    const events = log.items.map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['CONSENT_COUNTERED', 'CONSENT_REPLACED']));
  });

  it('is the enterprise’s alone, and for a request that nobody has signed yet', async () => {
    const world = new World();
    const artefact = world.artefact();
    await world.request(artefact);
    const input = { consentId: artefact.consentId, terms: { ...termsOf(artefact), items: sales } };
    await expect(world.run('CounterConsent', input, otherUser, [platform])).rejects.toThrow(
      'NOT_YOUR_RECORD',
    );
    await expect(world.run('CounterConsent', input, officer, [platform])).rejects.toThrow('NOT_YOUR_RECORD');
    for (const index of [0, 1])
      await world.lodge(artefact, await world.statement(artefact, 'GRANT', world.signer(index)));
    await expect(world.run('CounterConsent', input, user, [platform])).rejects.toThrow('STATE_CONFLICT');
  });

  it('may narrow every member', () => {
    const narrower: ConsentTerms = {
      ...asked,
      fetchType: 'ONETIME',
      consentStart: '2026-11-02T00:00:00Z',
      consentExpiry: '2027-06-29T00:00:00Z',
      DataRange: { from: '2025-02-01', to: '2026-11-30' },
      DataLife: { unit: 'DAY', value: 28 },
      Frequency: { unit: 'MONTH', value: 1 },
      items: sales,
      purgeWithinDays: 2,
      evidenceYears: 0,
    };
    expect(() => checkNarrower(narrower, asked)).not.toThrow();
  });

  it.each<[string, Partial<ConsentTerms>]>([
    ['consentStart', { consentStart: '2026-10-31T00:00:00Z' }],
    ['consentExpiry', { consentExpiry: '2027-07-01T00:00:00Z' }],
    ['DataRange', { DataRange: { from: '2024-12-31', to: '2026-12-31' } }],
    ['DataLife', { DataLife: { unit: 'MONTH', value: 2 } }],
    ['Frequency', { Frequency: { unit: 'DAY', value: 1 } }],
    ['items.0', { items: sales.map((item) => ({ ...item, fields: ['filedOn'] })) }],
    ['items.0', { items: sales.map((item) => ({ ...item, issuer: 'department:tax-zhejiang' })) }],
    [
      'questions.0',
      {
        questions: [
          {
            id: 'q1',
            issuer: 'department:tax-shanghai',
            recordType: 'vat-filing',
            measure: 'SUM',
            field: 'sales',
            months: 6,
          },
        ],
      },
    ],
    ['purgeWithinDays', { purgeWithinDays: 4 }],
    ['evidenceYears', { evidenceYears: 6 }],
  ])('may not widen %s', (field, changes) => {
    expect(() => checkNarrower({ ...asked, ...changes }, asked)).toThrow(`NOT_NARROWER[terms.${field}]`);
  });

  it('leaves something', () => {
    expect(() => checkNarrower({ ...asked, items: [] }, asked)).toThrow('INVALID_INPUT');
    expect(() => checkNarrower({ ...asked, items: [...sales, ...sales] }, asked)).toThrow('INVALID_INPUT');
  });
});
