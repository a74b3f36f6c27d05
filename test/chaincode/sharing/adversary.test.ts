import { randomBytes } from 'node:crypto';
import { canonicalJson, digestOf, sha256 } from '../../../chaincode/ledger/canonical';
import type { Grant } from '../../../chaincode/sharing/model';
import {
  agent,
  attestMonths,
  bank,
  channel,
  malleated,
  newSigner,
  officer,
  otherUscc,
  otherUser,
  platform,
  purger,
  randomId,
  signJws,
  tax,
  user,
  World,
} from './world';

const at = '2026-11-23T04:00:00.000Z';

describe('signatures', () => {
  it('refuses forged, replayed, altered and misdirected statements', async () => {
    const world = new World();
    const artefact = world.artefact();
    await world.request(artefact);
    const grant = (changes = {}, signer = world.signer(0)) =>
      world.statement(artefact, 'GRANT', signer, changes);
    const lodge = async (statement: Promise<string> | string) => world.lodge(artefact, await statement);

    const impostor = { ...newSigner(world.signer(0).id) };
    await expect(lodge(grant({}, impostor))).rejects.toThrow('SIGNATURE_INVALID');
    await expect(lodge(grant({}, newSigner('signatory-nobody-000')))).rejects.toThrow('SIGNATORY_UNKNOWN');
    await expect(lodge(grant({}, world.clerk))).rejects.toThrow('SIGNATORY_NOT_AUTHORISED');
    await expect(lodge(grant({}, world.former))).rejects.toThrow('SIGNATORY_NOT_AUTHORISED');
    for (const wrong of [
      { consentId: randomId() },
      { channel: 'sharing-bank-b' },
      { enterprise: otherUscc },
      { version: 2 },
      { artefactDigest: digestOf({ ...artefact, evidenceYears: 30 }) },
      { signatory: world.signer(1).id },
    ])
      await expect(lodge(grant(wrong))).rejects.toThrow('STATEMENT_MISMATCH');
    const [header = '', , signature = ''] = (await grant()).split('.');
    const [, otherPayload = ''] = (await grant({ signedAt: '2026-11-21T00:00:00Z' })).split('.');
    await expect(lodge(`${header}.${otherPayload}.${signature}`)).rejects.toThrow('SIGNATURE_INVALID');
    const otherType = await signJws({ any: 'thing' }, world.signer(0), 'completeness+jws');
    await expect(lodge(otherType)).rejects.toThrow('SIGNATURE_INVALID');
    await expect(lodge(world.statement(artefact, 'REVOKE', world.signer(0)))).rejects.toThrow(
      'STATEMENT_MISMATCH',
    );

    const good = await grant();
    await lodge(good);
    await expect(lodge(good)).rejects.toThrow('SIGNATURE_REPLAYED');
    await expect(lodge(malleated(good))).rejects.toThrow('SIGNATURE_REPLAYED');
    await expect(lodge(grant())).rejects.toThrow('SIGNATURE_REPLAYED');
    expect(await world.view(artefact)).toMatchObject({ state: 'REQUESTED', signedBy: [world.signer(0).id] });
  });

  it('counts nothing that a modified peer of the platform writes into the grant', async () => {
    const world = new World();
    const artefact = world.artefact();
    await world.request(artefact);
    const { consentId } = artefact;
    const granted = await world.statement(artefact, 'GRANT', world.signer(0));
    const early = world.artefact();
    const fakes = [
      granted,
      malleated(granted),
      await world.statement(artefact, 'GRANT', world.signer(0)),
      await world.statement(artefact, 'GRANT', world.clerk),
      await world.statement(artefact, 'GRANT', world.former),
      await world.statement(artefact, 'GRANT', newSigner(world.signer(1).id)),
      await world.statement(early, 'GRANT', world.signer(1)),
      'eyJhbGciOiJub25lIn0.e30.AA',
    ];
    const grant: Grant = { consentId, statements: fakes.map((jws) => ({ jws, at })) };
    world.ledger.tamper(channel, 'sharing', `grant~${consentId}`, grant);
    expect(await world.view(artefact)).toMatchObject({ state: 'REQUESTED', version: 0 });
    await expect(world.ask(artefact)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    world.ledger.tamper(channel, 'sharing', `grant~${consentId}`, { state: 'ACTIVE' });
    await expect(world.ask(artefact)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    // A statement of the removed signatory, dated back to when it had authority.
    const back = [granted, await world.statement(artefact, 'GRANT', world.former)];
    world.ledger.tamper(channel, 'sharing', `grant~${consentId}`, {
      consentId,
      statements: back.map((jws) => ({ jws, at: '2026-10-01T00:00:00.000Z' })),
    });
    await expect(world.ask(artefact)).rejects.toThrow('CONSENT_NOT_ACTIVE');
  });

  it('refuses to offer and to release when the grant turns out to be forged', async () => {
    const world = new World();
    await attestMonths(world, 1);
    const artefact = await world.consented();
    const requestId = await world.ask(artefact);
    const { request } = await world.requestView(requestId);
    const delivery = await world.delivery(request);
    const key = `grant~${artefact.consentId}`;
    const honest = world.ledger.document(channel, 'sharing', key) as Grant;
    const forged = { ...honest, statements: honest.statements.slice(0, 1) };
    world.ledger.tamper(channel, 'sharing', key, forged);
    await expect(world.offer(requestId, delivery)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    world.ledger.tamper(channel, 'sharing', key, honest);
    await world.offer(requestId, delivery);
    world.ledger.tamper(channel, 'sharing', key, forged);
    await expect(world.release(requestId, delivery)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    // Nor is a consent that two colluding organisations widened what the signatories signed.
    world.ledger.tamper(channel, 'sharing', key, honest);
    const wider = { ...artefact, evidenceYears: 30 };
    const record = world.ledger.document(channel, 'sharing', `consent~${artefact.consentId}`) as object;
    for (const digest of [digestOf(artefact), digestOf(wider)]) {
      world.ledger.tamper(channel, 'sharing', `consent~${artefact.consentId}`, {
        ...record,
        artefact: wider,
        digest,
      });
      await expect(world.release(requestId, delivery)).rejects.toThrow(/STATE_INVALID|CONSENT_NOT_ACTIVE/);
    }
  });

  it('releases nothing for a request that two colluding organisations widened', async () => {
    const world = new World();
    await attestMonths(world, 1);
    const artefact = await world.consented();
    const requestId = await world.ask(artefact);
    const { request } = await world.requestView(requestId);
    const wider = { ...request, items: [{ recordType: 'vat-filing', fields: ['sales', 'filedOn'] }] };
    world.ledger.tamper(channel, 'sharing', `request~${requestId}`, wider);
    const delivery = await world.delivery(wider);
    await world.offer(requestId, delivery);
    await expect(world.release(requestId, delivery)).rejects.toThrow('BEYOND_CONSENT[items.0.fields]');
  });

  it('keeps a revocation that was lodged elsewhere when the platform resets its own key', async () => {
    for (const through of ['government', 'regulator'] as const) {
      const world = new World();
      const artefact = await world.consented();
      const { consentId } = artefact;
      const revocation = await world.statement(artefact, 'REVOKE', world.signer(2));
      await world.stop(artefact, revocation);
      await world.stop(artefact, revocation, through);
      await expect(world.stop(artefact, revocation, through)).rejects.toThrow('SIGNATURE_REPLAYED');
      expect((await world.view(artefact)).stoppedThrough).toEqual(['enterprise', through]);
      world.ledger.tamper(channel, 'sharing', `stop~${consentId}~enterprise`, {
        consentId,
        through: 'enterprise',
        statements: [],
      });
      expect(await world.view(artefact)).toMatchObject({ state: 'REVOKED', stoppedThrough: [through] });
      await expect(world.ask(artefact)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    }
  });

  it('takes a revocation while the platform hides the grant, and against a flood of its writes', async () => {
    const world = new World();
    const artefact = await world.consented();
    const key = `grant~${artefact.consentId}`;
    const honest = world.ledger.document(channel, 'sharing', key);
    world.ledger.tamper(channel, 'sharing', key, { consentId: artefact.consentId, statements: [] });
    const revocation = await world.statement(artefact, 'REVOKE', world.signer(0));
    const endorsed = await world.ledger.endorse({
      channel,
      chaincode: 'sharing',
      function: 'LodgeStop',
      input: { consentId: artefact.consentId, through: 'government', statement: revocation },
      caller: agent,
    });
    world.ledger.tamper(channel, 'sharing', key, honest);
    expect(world.ledger.commit(endorsed, channel)).toBe('VALID');
    expect(await world.view(artefact)).toMatchObject({ state: 'REVOKED' });
  });

  it('keeps room for a revocation in a stop key full of rubbish', async () => {
    const world = new World();
    const artefact = await world.consented();
    const { consentId } = artefact;
    const pause = await world.statement(artefact, 'PAUSE', world.signer(0));
    world.ledger.tamper(channel, 'sharing', `stop~${consentId}~government`, {
      consentId,
      through: 'government',
      statements: Array.from({ length: 100 }, () => ({ jws: pause, at })),
    });
    await world.stop(artefact, await world.statement(artefact, 'REVOKE', world.signer(1)), 'government');
    expect(await world.view(artefact)).toMatchObject({ state: 'REVOKED' });
  });

  it('lets authority that ended later bind what was signed before', async () => {
    const world = new World();
    const artefact = await world.consented();
    world.enterprise = {
      ...world.enterprise,
      mandate: { required: 3 },
      signatories: world.enterprise.signatories.map((signatory) =>
        signatory.id === world.signer(0).id ? { ...signatory, to: '2026-11-30' } : signatory,
      ),
    };
    world.ledger.now = Date.UTC(2026, 11, 5);
    expect(await world.view(artefact)).toMatchObject({ state: 'ACTIVE', required: 2 });
    await expect(
      world.stop(artefact, await world.statement(artefact, 'REVOKE', world.signer(0))),
    ).rejects.toThrow('SIGNATORY_NOT_AUTHORISED');
  });

  it('lets a suspended enterprise revoke, and neither ask nor grant', async () => {
    const world = new World();
    const artefact = await world.consented();
    const open = world.artefact();
    await world.request(open);
    world.enterprise = { ...world.enterprise, status: 'SUSPENDED' };
    await expect(world.request(world.artefact())).rejects.toThrow('ENTERPRISE_NOT_ACTIVE');
    await expect(world.lodge(open, await world.statement(open, 'GRANT', world.signer(0)))).rejects.toThrow(
      'ENTERPRISE_NOT_ACTIVE',
    );
    await world.stop(artefact, await world.statement(artefact, 'REVOKE', world.signer(0)));
    expect(await world.view(artefact)).toMatchObject({ state: 'REVOKED' });
  });
});

describe('callers and endorsers', () => {
  it('refuses who may not act', async () => {
    const world = new World();
    const artefact = await world.consented();
    const requestId = await world.deliver(artefact);
    const { consentId } = artefact;
    const revocation = await world.statement(artefact, 'REVOKE', world.signer(0));
    const other = { msp: 'BankBMSP', attributes: { role: 'credit-officer,purge-agent' } };
    await expect(world.run('RequestConsent', world.artefact(), other, [platform, bank])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
    await expect(world.run('RequestConsent', world.artefact(), user, [platform, bank])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
    await expect(world.run('Purge', { requestIds: [requestId] }, officer, [bank])).rejects.toThrow(
      'UNAUTHORISED_ROLE',
    );
    await expect(
      world.run('LodgeStop', { consentId, through: 'enterprise', statement: revocation }, otherUser, [
        platform,
      ]),
    ).rejects.toThrow('NOT_YOUR_RECORD');
    await expect(
      world.run('LodgeStop', { consentId, through: 'regulator', statement: revocation }, agent, [tax]),
    ).rejects.toThrow('UNAUTHORISED_ROLE[through]');
    const open = await world.ask(artefact);
    const otherAgent = { ...agent, attributes: { role: 'release-agent', department: 'tax-zhejiang' } };
    await expect(
      world.run('Offer', { requestId: open, digest: sha256('x') }, otherAgent, [tax]),
    ).rejects.toThrow('NOT_YOUR_RECORD');
  });

  it("reads a delivery only for its owner, on its owner's peer, under a one-time key", async () => {
    const world = new World();
    await attestMonths(world, 1);
    const artefact = await world.consented();
    const requestId = await world.deliver(artefact);
    await expect(world.read(requestId, user, [bank])).rejects.toThrow('PRIVATE_READ_REFUSED');
    await expect(world.read(requestId, agent, [bank])).rejects.toThrow('PRIVATE_READ_REFUSED');
    await expect(world.read(requestId, purger)).rejects.toThrow('UNAUTHORISED_ROLE');
    await expect(world.read(requestId, officer, [platform])).rejects.toThrow('not available');
    await expect(world.query('ReadDelivery', { requestId }, officer)).rejects.toThrow(
      'RESPONSE_KEY_REQUIRED',
    );
    const responseKey = randomBytes(32).toString('base64url');
    const submitted = await world.run('ReadDelivery', { requestId }, officer, [bank], { responseKey }).then(
      ({ payload }) => payload,
      (error: unknown) => String(error),
    );
    expect(submitted).not.toContain('sales');
  });

  it('makes an act invalid that its owners did not endorse', async () => {
    const world = new World();
    await attestMonths(world, 1);
    const artefact = world.artefact();
    const failure = 'ENDORSEMENT_POLICY_FAILURE';
    await expect(world.run('RequestConsent', artefact, officer, [bank])).rejects.toThrow(failure);
    await world.request(artefact);
    const { consentId } = artefact;
    const grants = [];
    for (const index of [0, 1]) grants.push(await world.statement(artefact, 'GRANT', world.signer(index)));
    const [first = '', second = ''] = grants;
    await expect(world.run('LodgeStatement', { consentId, statement: first }, user, [bank])).rejects.toThrow(
      failure,
    );
    await world.lodge(artefact, first);
    await world.lodge(artefact, second);
    const revocation = await world.statement(artefact, 'REVOKE', world.signer(0));
    await expect(
      world.run('LodgeStop', { consentId, through: 'government', statement: revocation }, agent, [platform]),
    ).rejects.toThrow(failure);
    const requestId = await world.ask(artefact);
    const { request } = await world.requestView(requestId);
    const delivery = await world.delivery(request);
    const digest = sha256('anything');
    await expect(world.run('Offer', { requestId, digest }, agent, [bank, platform])).rejects.toThrow(failure);
    await world.offer(requestId, delivery);
    for (const endorsers of [[tax], [bank], [tax, platform], [platform, bank]])
      await expect(world.release(requestId, delivery, endorsers)).rejects.toThrow(failure);
    await world.release(requestId, delivery);
    await expect(world.run('Purge', { requestIds: [requestId] }, purger, [tax])).rejects.toThrow(failure);
  });

  it('makes a release invalid when a revocation commits first, and purges what the bank saw', async () => {
    const world = new World();
    await attestMonths(world, 1);
    const artefact = await world.consented();
    const requestId = await world.ask(artefact);
    const { request } = await world.requestView(requestId);
    const delivery = await world.delivery(request);
    await world.offer(requestId, delivery);
    const endorsed = await world.ledger.endorse({
      channel,
      chaincode: 'sharing',
      function: 'Release',
      input: { requestId },
      caller: agent,
      endorsers: [tax, bank],
      transient: { delivery: canonicalJson(delivery) },
    });
    expect([...endorsed.set.writes.keys()]).toEqual([`request~${requestId}`]);
    expect([...endorsed.set.privateWrites.keys()]).toEqual([`_implicit_org_${bank}`]);
    await world.stop(artefact, await world.statement(artefact, 'REVOKE', world.signer(0)), 'regulator');
    expect(world.ledger.commit(endorsed, channel)).toBe('MVCC_READ_CONFLICT');
    const { offer } = await world.requestView(requestId);
    expect(offer.status).toBe('OFFERED');
    expect(await world.query('DataDue', {}, purger)).toMatchObject({ items: [{ requestId }] });
    await world.purge([requestId]);
    const log = await world.query('AccessLog', { enterprise: artefact.enterprise, bookmark: 'r' }, user);
    expect(JSON.stringify(log)).toContain('DATA_OFFERED');
  });
});
