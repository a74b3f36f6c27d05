import { canonicalJson, digestOf } from '../../../chaincode/ledger/canonical';
import type { ConsentArtefact } from '../../../chaincode/sharing/model';
import { agent, attestMonths, bank, tax, World } from './world';

const named = (earlier: ConsentArtefact) => ({
  replaces: { consentId: earlier.consentId, digest: digestOf(earlier) },
});

const sign = async (world: World, artefact: ConsentArtefact, ...who: number[]) => {
  for (const index of who)
    await world.lodge(artefact, await world.statement(artefact, 'GRANT', world.signer(index)));
};

describe('a consent in the place of another', () => {
  it('needs new signatures, and ends the earlier one when it comes into force', async () => {
    const world = new World();
    await attestMonths(world, 2);
    const earlier = await world.consented();
    const delivered = await world.deliver(earlier);
    const renewed = world.artefact({ ...named(earlier), consentExpiry: '2027-09-30T00:00:00Z' });
    await world.request(renewed);
    await sign(world, renewed, 0);
    expect((await world.view(earlier)).state).toBe('ACTIVE');
    await world.read(delivered);
    await sign(world, renewed, 1);
    const { state, replacedBy, replacements } = await world.view(earlier);
    expect({ state, replacedBy, replacements }).toEqual({
      state: 'REPLACED',
      replacedBy: renewed.consentId,
      replacements: [renewed.consentId],
    });
    expect((await world.view(renewed)).state).toBe('ACTIVE');
    await expect(world.read(delivered)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    await expect(world.ask(earlier)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    await world.read(await world.deliver(renewed));
  });

  it('leaves the earlier one in force until its own start', async () => {
    const world = new World();
    const earlier = await world.consented();
    const renewed = world.artefact({ ...named(earlier), consentStart: '2027-01-01T00:00:00Z' });
    await world.request(renewed);
    await sign(world, renewed, 0, 1);
    expect((await world.view(earlier)).state).toBe('ACTIVE');
    world.ledger.now = Date.parse('2027-01-01T00:00:00Z');
    expect((await world.view(earlier)).state).toBe('REPLACED');
  });

  it('ends nothing where it was revoked before its start, and everything where it is revoked later', async () => {
    const world = new World();
    const earlier = await world.consented();
    const early = world.artefact({ ...named(earlier), consentStart: '2027-01-01T00:00:00Z' });
    await world.request(early);
    await sign(world, early, 0, 1);
    await world.stop(early, await world.statement(early, 'REVOKE', world.signer(2)));
    const late = world.artefact({ ...named(earlier), consentStart: '2027-02-01T00:00:00Z' });
    await world.request(late);
    await sign(world, late, 0, 1);
    world.ledger.now = Date.parse('2027-01-15T00:00:00Z');
    expect((await world.view(earlier)).state).toBe('ACTIVE');
    world.ledger.now = Date.parse('2027-02-15T00:00:00Z');
    await world.stop(late, await world.statement(late, 'REVOKE', world.signer(2)));
    expect((await world.view(earlier)).state).toBe('REPLACED');
  });

  it('makes a release invalid that was endorsed before it was signed', async () => {
    const world = new World();
    await attestMonths(world, 1);
    const earlier = await world.consented();
    const requestId = await world.ask(earlier);
    const { request } = await world.requestView(requestId);
    const delivery = await world.delivery(request);
    await world.offer(requestId, delivery);
    const renewed = world.artefact(named(earlier));
    await world.request(renewed);
    await sign(world, renewed, 0);
    const release = await world.ledger.endorse({
      channel: earlier.channel,
      chaincode: 'sharing',
      function: 'Release',
      input: { requestId },
      caller: agent,
      endorsers: [tax, bank],
      transient: { delivery: canonicalJson(delivery) },
    });
    await sign(world, renewed, 1);
    expect(world.ledger.commit(release, earlier.channel)).toBe('MVCC_READ_CONFLICT');
  });

  it.each<[string, (earlier: ConsentArtefact) => Partial<ConsentArtefact>, string]>([
    [
      'is not that one',
      (earlier) => ({ replaces: { consentId: earlier.consentId, digest: digestOf({}) } }),
      'STATEMENT_MISMATCH',
    ],
    ['is not there', () => ({ replaces: { consentId: 'x'.repeat(43), digest: digestOf({}) } }), 'NOT_FOUND'],
  ])('cannot be asked for where the earlier one %s', async (_name, changes, code) => {
    const world = new World();
    const earlier = await world.consented();
    await expect(world.request(world.artefact(changes(earlier)))).rejects.toThrow(code);
  });

  it('cannot be asked for once the earlier one has ended', async () => {
    const world = new World();
    const earlier = await world.consented();
    await world.stop(earlier, await world.statement(earlier, 'REVOKE', world.signer(0)));
    await expect(world.request(world.artefact(named(earlier)))).rejects.toThrow('STATE_CONFLICT');
  });

  it('is not made up by bank and platform: a list that names what the signatories did not sign ends nothing', async () => {
    const world = new World();
    const earlier = await world.consented();
    const unrelated = await world.consented({ consentExpiry: '2027-05-31T00:00:00Z' });
    const { consentId } = earlier;
    const forged = { consentId, by: [unrelated.consentId, 'y'.repeat(43)] };
    world.ledger.tamper(earlier.channel, 'sharing', `replacements~${consentId}`, forged);
    expect((await world.view(earlier)).state).toBe('ACTIVE');
  });
});
