import { canonicalJson, digestOf } from '../../../chaincode/ledger/canonical';
import type { ConsentAction, ConsentArtefact, ConsentView } from '../../../chaincode/sharing/model';
import { signerOf, signPayload } from '../../../gateway/issuer';
import {
  bankA,
  department,
  market as marketMsp,
  newSignatory,
  platform,
  user,
  uscc,
  vatFiling,
} from '../registry/world';
import { channel, officer, randomId, Scene } from './scene';

const items = (...fields: string[]): ConsentArtefact['items'] => [
  { recordType: 'business-registration', issuer: 'department:amr-shanghai', fields },
];

/** An enterprise with two signatories, and an owner who signs for nobody else. */
async function scene() {
  const on = await Scene.open();
  const [first, second] = on.people;
  if (!first || !second) throw new Error('two signatories');
  const owner = newSignatory({ office: 'PERSON', concerns: ['business-registration.owners'] });
  const signatories = [first.signatory, second.signatory, owner.signatory];
  await on.registry.register(on.entry({ signatories, version: 2 }));
  const sign = async (artefact: ConsentArtefact, person: typeof owner, action: ConsentAction = 'GRANT') => {
    const signer = await signerOf(`enterprise:${uscc}`, person.privateJwk);
    const statement = {
      action,
      channel: artefact.channel,
      consentId: artefact.consentId,
      version: 1,
      artefactDigest: digestOf(artefact),
      enterprise: uscc,
      signatory: person.signatory.id,
      nonce: randomId(),
      signedAt: '2026-11-20T00:00:00Z',
    };
    const jws = await signPayload(signer, 'consent-statement+jws', canonicalJson(statement));
    const stops = action === 'REVOKE';
    const input = {
      consentId: artefact.consentId,
      statement: jws,
      ...(stops ? { through: 'enterprise' } : {}),
    };
    await on.submit(stops ? 'LodgeStop' : 'LodgeStatement', input, user(uscc), [platform]);
  };
  const ask = async (...fields: string[]): Promise<ConsentArtefact> => {
    const artefact = on.artefact({ items: items(...fields) });
    await on.submit('RequestConsent', artefact, officer, [platform, bankA]);
    return artefact;
  };
  const state = async ({ consentId }: ConsentArtefact) =>
    (await on.query<ConsentView>('GetConsent', { consentId })).state;
  return { on, first, second, owner, sign, ask, state };
}

describe('personal fields', () => {
  it('take the signature of the person whom they are about, beside the mandate', async () => {
    const { first, second, owner, sign, ask, state } = await scene();
    const artefact = await ask('legalName', 'owners');
    await sign(artefact, first);
    await sign(artefact, second);
    expect(await state(artefact)).toBe('REQUESTED');
    await sign(artefact, owner);
    expect(await state(artefact)).toBe('ACTIVE');
  });

  it('are not given away by the person alone, nor by fewer signatories and the person', async () => {
    const { first, owner, sign, ask, state } = await scene();
    const artefact = await ask('owners');
    await sign(artefact, owner);
    await sign(artefact, first);
    expect(await state(artefact)).toBe('REQUESTED');
  });

  it('are taken back by the person alone', async () => {
    const { first, second, owner, sign, ask, state } = await scene();
    const artefact = await ask('owners');
    for (const person of [first, second, owner]) await sign(artefact, person);
    await sign(artefact, owner, 'REVOKE');
    expect(await state(artefact)).toBe('REVOKED');
  });

  it('are the only ones that take it: the person has no say in the rest', async () => {
    const { first, second, owner, sign, ask, state } = await scene();
    const artefact = await ask('legalName', 'industry');
    await sign(artefact, first);
    await sign(artefact, second);
    expect(await state(artefact)).toBe('ACTIVE');
    await expect(sign(artefact, owner, 'REVOKE')).rejects.toThrow('SIGNATORY_NOT_AUTHORISED');
  });

  it('are not released where bank and platform left the person out of the consent', async () => {
    const { on, first, second, sign, ask } = await scene();
    const artefact = await ask('legalName', 'owners');
    const key = `consent~${artefact.consentId}`;
    const stored = on.registry.ledger.document(channel, 'sharing', key) as object;
    on.registry.ledger.tamper(channel, 'sharing', key, { ...stored, persons: [] });
    await sign(artefact, first);
    await sign(artefact, second);
    const day = '2026-03-05';
    const market = on.registry.signer('amr-shanghai');
    const registration = await on.registry.issue(
      {
        ...vatFiling,
        recordType: 'business-registration',
        period: { from: day, to: day },
        assurance: 'ISSUED',
        fields: {
          ...{ legalName: 'Firm', registeredCapital: '1', establishedOn: day, industry: 'C34' },
          ...{ address: 'Shanghai', legalRepresentative: 'A', owners: [], officers: [] },
          ...{ operatingStatus: 'IN_OPERATION', scope: 'Bearings' },
        },
      },
      market,
    );
    await on.registry.store([registration], department(marketMsp, 'amr-shanghai', 'attester'));
    await on.registry.anchor([registration], department(marketMsp, 'amr-shanghai', 'attester'));
    const agent = department(marketMsp, 'amr-shanghai', 'release-agent');
    const release = on.deliver(await on.ask(artefact), [registration], market, agent);
    await expect(release).rejects.toThrow('CONSENT_NOT_ACTIVE: a person');
  });

  it('cannot be asked for where nobody is enrolled whom they are about', async () => {
    const { ask } = await scene();
    await expect(ask('legalName', 'legalRepresentative')).rejects.toThrow('PERSON_NOT_ENROLLED');
  });
});
