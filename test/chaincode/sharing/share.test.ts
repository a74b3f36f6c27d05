import {
  attestMonths,
  bank,
  officer,
  otherUser,
  platform,
  supervisor,
  tax,
  user,
  uscc,
  World,
} from './world';
import type { AccessLogEntry } from '../../../chaincode/sharing/model';

describe('a share from request to purge', () => {
  it('delivers exactly the consented fields, logs every step and ends with the purge', async () => {
    const world = new World();
    await attestMonths(world, 3);
    const artefact = world.artefact();
    await world.request(artefact);
    expect(await world.view(artefact)).toMatchObject({
      state: 'REQUESTED',
      required: 2,
      signedBy: [],
      version: 0,
    });
    await world.lodge(artefact, await world.statement(artefact, 'GRANT', world.signer(0)));
    expect(await world.view(artefact)).toMatchObject({
      state: 'REQUESTED',
      signedBy: [world.signer(0).id],
    });
    await world.lodge(artefact, await world.statement(artefact, 'GRANT', world.signer(2)));
    expect(await world.view(artefact)).toMatchObject({ state: 'ACTIVE', version: 1, signedBy: [] });

    const requestId = await world.deliver(artefact);
    const { presentations } = await world.read(requestId);
    expect(presentations).toHaveLength(3);
    for (const { disclosures } of presentations) {
      const names = disclosures.map(
        (text) => (JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string, string])[1],
      );
      expect(names).toEqual(['sales']);
    }

    await world.stop(artefact, await world.statement(artefact, 'REVOKE', world.signer(1)), 'government');
    await expect(world.read(requestId)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    const due = await world.query('DataDue', {}, { msp: bank, attributes: { role: 'purge-agent' } });
    expect(due).toMatchObject({ items: [{ requestId, consentId: artefact.consentId }] });
    expect((await world.requestView(requestId)).held).toBe(true);
    await world.purge([requestId]);
    expect(await world.requestView(requestId)).toMatchObject({ held: false, purge: { status: 'PURGED' } });
    await expect(world.read(requestId)).rejects.toThrow('PURGED');
    expect(await world.query('DataDue', {}, { msp: bank, attributes: { role: 'purge-agent' } })).toEqual({
      items: [],
      bookmark: '',
    });
    await world.purge([requestId]);

    const log = await wholeLog(world);
    expect(log.map(({ event }) => event)).toEqual([
      'CONSENT_REQUESTED',
      'CONSENT_SIGNED',
      'CONSENT_SIGNED',
      'CONSENT_STOPPED',
      'DATA_REQUESTED',
      'DATA_OFFERED',
      'DATA_DELIVERED',
      'DATA_PURGED',
    ]);
    expect(world.ledger.events.map(({ name }) => name)).toEqual([
      'ConsentRequested',
      'ConsentSigned',
      'ConsentSigned',
      'DataRequested',
      'DataOffered',
      'DataDelivered',
      'ConsentStopped',
      'DataPurged',
      'DataPurged',
    ]);
  });

  it('pauses, resumes by the mandate and orders both by version', async () => {
    const world = new World();
    const artefact = await world.consented();
    await world.stop(artefact, await world.statement(artefact, 'PAUSE', world.signer(2)));
    expect(await world.view(artefact)).toMatchObject({ state: 'PAUSED', stoppedThrough: ['enterprise'] });
    await expect(world.ask(artefact)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    const resume = (index: number) =>
      world.statement(artefact, 'RESUME', world.signer(index), { version: 2 });
    await world.lodge(artefact, await resume(0));
    expect(await world.view(artefact)).toMatchObject({ state: 'PAUSED', signedBy: [world.signer(0).id] });
    await expect(world.lodge(artefact, await resume(0))).rejects.toThrow('SIGNATURE_REPLAYED');
    await world.lodge(artefact, await resume(1));
    expect(await world.view(artefact)).toMatchObject({ state: 'ACTIVE', version: 2 });
    await expect(
      world.stop(artefact, await world.statement(artefact, 'PAUSE', world.signer(0), { version: 1 })),
    ).rejects.toThrow('STATEMENT_MISMATCH[statement.version]');
    await world.stop(artefact, await world.statement(artefact, 'PAUSE', world.signer(0), { version: 2 }));
    expect(await world.view(artefact)).toMatchObject({ state: 'PAUSED', version: 2 });
  });

  it('lets one signatory reject before the grant is complete, and not after', async () => {
    const world = new World();
    const artefact = world.artefact();
    await world.request(artefact);
    await world.lodge(artefact, await world.statement(artefact, 'GRANT', world.signer(0)));
    await world.lodge(artefact, await world.statement(artefact, 'REJECT', world.signer(1)));
    expect(await world.view(artefact)).toMatchObject({ state: 'REJECTED' });
    await expect(
      world.lodge(artefact, await world.statement(artefact, 'GRANT', world.signer(2))),
    ).rejects.toThrow('STATE_CONFLICT');
    const granted = await world.consented();
    await expect(
      world.lodge(granted, await world.statement(granted, 'REJECT', world.signer(2))),
    ).rejects.toThrow('STATE_CONFLICT');
  });

  it('is not in force before it starts and ends when it expires', async () => {
    const world = new World();
    const artefact = await world.consented({ consentStart: '2026-12-01T00:00:00Z' });
    expect(await world.view(artefact)).toMatchObject({ state: 'REQUESTED', version: 1 });
    await expect(world.ask(artefact)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    world.ledger.now = Date.UTC(2026, 11, 1);
    expect(await world.view(artefact)).toMatchObject({ state: 'ACTIVE' });
    const requestId = await world.deliver(artefact);
    world.ledger.now = Date.UTC(2027, 0, 1);
    await expect(world.read(requestId)).rejects.toThrow('DATA_LIFE_ENDED');
    world.ledger.now = Date.UTC(2027, 5, 30);
    expect(await world.view(artefact)).toMatchObject({
      state: 'EXPIRED',
      endedAt: '2027-06-30T00:00:00.000Z',
    });
    await expect(world.read(requestId)).rejects.toThrow('CONSENT_NOT_ACTIVE');
  });

  it('refunds what was refused before it was offered, and nothing else', async () => {
    const world = new World();
    const artefact = await world.consented();
    const agent = { msp: tax, attributes: { role: 'release-agent', department: 'tax-shanghai' } };
    const first = await world.ask(artefact);
    const second = await world.ask(artefact);
    await expect(world.ask(artefact)).rejects.toThrow('FREQUENCY_EXCEEDED[issuer]');
    await world.run('Refuse', { requestId: first, reason: 'NO_RECORDS' }, agent, [tax]);
    await world.ask(artefact);
    await expect(world.ask(artefact)).rejects.toThrow('FREQUENCY_EXCEEDED');
    const { request } = await world.requestView(second);
    await world.offer(second, await world.delivery(request));
    await expect(
      world.run('Refuse', { requestId: second, reason: 'NO_RECORDS' }, agent, [tax]),
    ).rejects.toThrow('REQUEST_NOT_OPEN');
    await expect(world.ask(artefact)).rejects.toThrow('FREQUENCY_EXCEEDED');
    world.ledger.now = Date.UTC(2026, 11, 1);
    await world.ask(artefact);
  });

  it('shows each caller only its own', async () => {
    const world = new World();
    const artefact = await world.consented();
    const requestId = await world.deliver(artefact);
    const { consentId } = artefact;
    const strangers = [
      otherUser,
      { msp: 'MarketRegulationMSP', attributes: { role: 'release-agent', department: 'amr-shanghai' } },
      { msp: tax, attributes: { role: 'release-agent', department: 'tax-zhejiang' } },
      { msp: 'BankBMSP', attributes: { role: 'credit-officer' } },
      { msp: platform, attributes: {} },
    ];
    for (const caller of strangers) {
      await expect(world.query('GetConsent', { consentId }, caller)).rejects.toThrow('NOT_YOUR_RECORD');
      await expect(world.query('GetRequest', { requestId }, caller)).rejects.toThrow('NOT_YOUR_RECORD');
      await expect(world.query('AccessLog', { enterprise: uscc }, caller)).rejects.toThrow('NOT_YOUR_RECORD');
      expect(await world.query('ListConsents', {}, caller)).toEqual({ items: [], bookmark: '' });
    }
    for (const caller of [user, supervisor, officer]) {
      expect(await world.query('ListConsents', {}, caller)).toMatchObject({ items: [{ artefact }] });
      expect(await world.query('ListRequests', { consentId }, caller)).toMatchObject({
        items: [{ held: true }],
      });
    }
    await expect(world.query('ListConsents', { bookmark: '\u0000consentBy\u0000' }, user)).rejects.toThrow(
      'INVALID_INPUT[bookmark]',
    );
  });
});

async function wholeLog(world: World): Promise<AccessLogEntry[]> {
  const log: AccessLogEntry[] = [];
  let bookmark = '';
  do {
    const page = (await world.query('AccessLog', { enterprise: uscc, pageSize: 1, bookmark }, user)) as {
      items: AccessLogEntry[];
      bookmark: string;
    };
    log.push(...page.items);
    bookmark = page.bookmark;
  } while (bookmark !== '');
  return log;
}
