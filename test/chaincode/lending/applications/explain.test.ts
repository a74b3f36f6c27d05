import { openResponse } from '../../../../chaincode/ledger/sealed';
import { explain, renderExplanation } from '../../../../gateway/lending/explain';
import type { Peer } from '../../../../network/client/own-peer';
import { describeOffer, parseOffer, signAcceptance, usualDebit } from '../../../../signer/acceptance';
import { importJWK } from 'jose';
import { applicant, lending, officer, randomId, sharing, uscc, user, World } from './world';

/** The bank's own peer, by the ledger in memory. */
function peerOf(world: World): Peer {
  const call = (channel: string, chaincode: string, name: string, input: unknown, transient = {}) =>
    world.ledger.evaluate({ channel, chaincode, function: name, input, caller: officer, transient });
  return {
    evaluate: async (...asked) => JSON.parse(await call(...asked)) as unknown,
    readPrivate: async (...asked) => {
      const responseKey = randomId();
      return openResponse(await call(...asked, { responseKey }), responseKey);
    },
  };
}

describe('lending explain', () => {
  it('recomputes a decision from the delivered records, and tells one that was forged', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    const found = await explain(peerOf(world), lending, sharing, applicationId);
    expect(found).toMatchObject({ agrees: true, differences: [], revisedSince: [] });
    expect(renderExplanation(found)).toContain('AGREES');

    const honest = peerOf(world);
    const forged: Peer = {
      ...honest,
      readPrivate: async (channel, chaincode, name, input) => {
        const answer = await honest.readPrivate(channel, chaincode, name, input);
        if (name !== 'applications:ReadDecision') return answer;
        const text = JSON.stringify(answer).replace('"outcome":"APPROVED"', '"outcome":"DECLINED"');
        return JSON.parse(text) as unknown;
      },
    };
    const told = await explain(forged, lending, sharing, applicationId);
    expect(told.agrees).toBe(false);
    expect(told.differences).toContain('the hash on the ledger');
    expect(renderExplanation(told)).toContain('DIFFERS');

    await world.revokeRecord(found.decision.records[0]?.id ?? '');
    const later = await explain(peerOf(world), lending, sharing, applicationId);
    expect(later).toMatchObject({ agrees: true, revisedSince: [found.decision.records[0]?.id] });
    await world.revoke();
    await expect(explain(peerOf(world), lending, sharing, applicationId)).rejects.toThrow(
      'CONSENT_NOT_ACTIVE',
    );
  });
});

describe('the signer', () => {
  it('says the sheet in words made from what is signed, and the ledger takes the signatures', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    await world.offer(applicationId);
    const view = await world.offerView(applicationId);
    // As a bank's or the platform's gateway serves it, with the bank beside it.
    const served = { bank: view.offer.sheet.bank, ...view };
    await expect(parseOffer(JSON.stringify({ ...served, bank: 'OtherBankMSP' }))).rejects.toThrow(
      'another bank',
    );
    const offer = await parseOffer(JSON.stringify({ ...served, text: ['a gift'] }));
    const debit = usualDebit(offer.sheet);
    const words = describeOffer(offer, debit).join('\n');
    expect(words).toContain('CNY 500,000.00 for 12 months');
    expect(words).not.toContain('a gift');
    const forged = { ...view, offer: { ...view.offer, sheet: { ...view.offer.sheet, purpose: 'WAGES' } } };
    await expect(parseOffer(JSON.stringify(forged))).rejects.toThrow('digest');

    const acceptances: string[] = [];
    for (const { signatory, privateJwk } of world.people.slice(1)) {
      const key = await importJWK(privateJwk, 'ES256');
      if (key instanceof Uint8Array) throw new Error('an asymmetric key was expected');
      const signer = { signatory: signatory.id, jwk: signatory.jwk, key };
      acceptances.push(await signAcceptance(offer, debit, signer, '2026-11-23T06:00:00Z'));
      await expect(
        signAcceptance(offer, { ...debit, cap: '1' }, signer, '2026-11-23T06:00:00Z'),
      ).rejects.toThrow('direct debit');
    }
    const input = { applicationId, offerId: offer.offerId, acceptances };
    await world.submit('applications:Accept', input, user(uscc));
    const after = await world.query('applications:Get', { applicationId }, applicant);
    expect(after).toMatchObject({ application: { state: 'ACCEPTED' } });
  });
});
