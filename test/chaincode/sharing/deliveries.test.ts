import { randomBytes } from 'node:crypto';
import type { Delivery } from '../../../chaincode/sharing/model';
import { attestMonths, issuer, malleated, newSigner, otherUscc, randomId, signJws, World } from './world';

describe('requests beyond the consent', () => {
  it.each([
    ['issuer', { issuer: 'department:tax-zhejiang' }],
    ['type', { items: [{ recordType: 'tax-arrears', fields: ['amount'] }] }],
    ['field', { items: [{ recordType: 'vat-filing', fields: ['sales', 'filedOn'] }] }],
    ['range', { range: { from: '2024-12-31', to: '2025-12-31' } }],
    ['end', { range: { from: '2026-01-01', to: '2027-01-01' } }],
  ])('refuses another %s', async (_, changes) => {
    const world = new World();
    const artefact = await world.consented();
    await expect(world.ask(artefact, changes)).rejects.toThrow('BEYOND_CONSENT');
  });

  it('allows one request in all where the consent is for one time', async () => {
    const world = new World();
    const artefact = await world.consented({ fetchType: 'ONETIME' });
    await world.ask(artefact);
    world.ledger.now = Date.UTC(2027, 2, 1);
    await expect(world.ask(artefact)).rejects.toThrow('FREQUENCY_EXCEEDED');
  });
});

describe('deliveries', () => {
  async function offered(
    prepare: (world: World) => Promise<void>,
    change: Parameters<World['delivery']>[1],
    signer?: World['department'],
  ): Promise<() => Promise<unknown>> {
    const world = new World();
    await attestMonths(world, 3);
    await prepare(world);
    const artefact = await world.consented({
      items: [
        { recordType: 'vat-filing', issuer, fields: ['sales'] },
        { recordType: 'tax-arrears', issuer, fields: ['amount'] },
      ],
    });
    const requestId = await world.ask(artefact, {
      items: [
        { recordType: 'vat-filing', fields: ['sales'] },
        { recordType: 'tax-arrears', fields: ['amount'] },
      ],
    });
    const { request } = await world.requestView(requestId);
    const delivery = await world.delivery(request, change, signer);
    await world.offer(requestId, delivery);
    return () => world.release(requestId, delivery);
  }
  const nothing = () => Promise.resolve();

  it('accepts nil where there is nothing', async () => {
    const release = await offered(nothing, ({ statement }) => {
      expect(statement.types.map(({ nil }) => nil)).toEqual([false, true]);
    });
    await expect(release()).resolves.toBeDefined();
  });

  it('accepts superseded, revoked and out-of-range records as accounted for', async () => {
    const release = await offered(
      async (world) => {
        const old = await world.attest('vat-filing', '2026-04-01', '2026-04-30');
        const anchor = world.anchors.get(old.id);
        if (anchor) world.anchors.set(old.id, { ...anchor, status: 'SUPERSEDED' });
        await world.attest('vat-filing', '2025-12-15', '2026-01-14');
      },
      ({ statement }) => {
        expect(statement.types[0]?.handles[0]?.entries.map(({ state }) => state)).toEqual([
          'DELIVERED',
          'DELIVERED',
          'DELIVERED',
          'SUPERSEDED',
          'OUT_OF_RANGE',
        ]);
      },
    );
    await expect(release()).resolves.toBeDefined();
  });

  it('refuses another delivery than the one offered, and one that was never offered', async () => {
    const world = new World();
    await attestMonths(world, 2);
    const artefact = await world.consented();
    const requestId = await world.ask(artefact);
    const { request } = await world.requestView(requestId);
    const delivery = await world.delivery(request);
    await expect(world.release(requestId, delivery)).rejects.toThrow('OFFER_MISSING');
    await world.offer(requestId, delivery);
    await expect(world.release(requestId, { ...delivery, presentations: [] })).rejects.toThrow(
      'OFFER_MISMATCH',
    );
    await expect(world.offer(requestId, delivery)).rejects.toThrow('REQUEST_NOT_OPEN');
    const purged = await world.ask(artefact);
    const late = await world.delivery((await world.requestView(purged)).request);
    await world.offer(purged, late);
    await world.purge([purged]);
    await expect(world.release(purged, late)).rejects.toThrow('PURGED');
    await world.release(requestId, delivery);
    await expect(world.release(requestId, delivery)).rejects.toThrow('REQUEST_NOT_OPEN');
  });

  const swap = (delivery: { presentations: Delivery['presentations'] }, change: object) => {
    const [first] = delivery.presentations;
    if (first) delivery.presentations[0] = { ...first, ...change };
  };
  const forgedDisclosure = Buffer.from(
    JSON.stringify([randomBytes(16).toString('base64url'), 'sales', '1']),
  ).toString('base64url');

  it.each<[string, string, (world: World) => Promise<void>, Parameters<World['delivery']>[1]]>([
    [
      'a changed disclosure',
      'RECORD_TAMPERED',
      nothing,
      (honest) => swap(honest, { disclosures: [forgedDisclosure] }),
    ],
    [
      'a changed JWT',
      'RECORD_SIGNATURE_INVALID',
      nothing,
      (honest) => {
        const [header = '', payload = '', signature = ''] = honest.presentations[0]?.jwt.split('.') ?? [];
        const claims = Buffer.from(payload, 'base64url').toString().replace('FILED', 'VERIFIED');
        const jwt = `${header}.${Buffer.from(claims).toString('base64url')}.${signature}`;
        swap(honest, { jwt });
      },
    ],
    [
      'the other form of a signature',
      'RECORD_TAMPERED',
      nothing,
      (honest) => swap(honest, { jwt: malleated(honest.presentations[0]?.jwt ?? '') }),
    ],
    ['a record twice', 'INVALID_INPUT', nothing, (honest) => swap(honest, { ...honest.presentations[1] })],
    [
      'a withheld last month',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        honest.presentations.pop();
        const [handle] = honest.statement.types[0]?.handles ?? [];
        handle?.entries.pop();
        if (handle) handle.last -= 1;
      },
    ],
    [
      'a withheld month that is claimed to be out of range though delivered',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        const entry = honest.statement.types[0]?.handles[0]?.entries[1];
        if (entry) entry.state = 'OUT_OF_RANGE';
      },
    ],
    [
      'a month left out of the delivery',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        honest.presentations.splice(1, 1);
      },
    ],
    [
      'nil while a head exists',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        honest.presentations.splice(0);
        const [type] = honest.statement.types;
        const [handle] = type?.handles ?? [];
        if (type) type.nil = true;
        if (handle) Object.assign(handle, { first: 0, last: 0, entries: [] });
      },
    ],
    [
      'nil though something is delivered',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        const [type] = honest.statement.types;
        if (type) type.nil = true;
      },
    ],
    [
      'a type that is not accounted for',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        honest.statement.types.pop();
      },
    ],
    [
      'a year that is not accounted for',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        honest.statement.types[1]?.handles.pop();
      },
    ],
    [
      'a statement for another request',
      'COMPLETENESS_INVALID',
      nothing,
      (honest) => {
        honest.statement.requestId = randomId();
      },
    ],
    [
      'a statement of long ago',
      'COMPLETENESS_INVALID',
      nothing,
      (honest) => {
        honest.statement.asOf = '2026-11-01T00:00:00.000Z';
      },
    ],
    [
      'an active record called revoked',
      'COMPLETENESS_GAP',
      nothing,
      (honest) => {
        honest.presentations.splice(0, 1);
        const entry = honest.statement.types[0]?.handles[0]?.entries[0];
        if (entry) entry.state = 'REVOKED';
      },
    ],
  ])('refuses %s', async (_, code, prepare, change) => {
    const release = await offered(prepare, change);
    await expect(release()).rejects.toThrow(code);
  });

  it('refuses a statement that the issuer did not sign', async () => {
    const release = await offered(nothing, undefined, newSigner('tax-key-1'));
    await expect(release()).rejects.toThrow('COMPLETENESS_INVALID');
  });

  it('refuses a record under a foreign key, of another enterprise, unanchored, or beyond the request', async () => {
    const world = new World();
    const artefact = await world.consented();
    const foreign = await world.attest('vat-filing', '2026-01-01', '2026-01-31', {
      signer: newSigner('tax-key-1'),
    });
    const others = await world.attest('vat-filing', '2026-01-01', '2026-01-31', { subject: otherUscc });
    const loose = await world.attest('vat-filing', '2026-02-01', '2026-02-28', { anchored: false });
    const early = await world.attest('vat-filing', '2025-12-01', '2025-12-31');
    const arrears = await world.attest('tax-arrears', '2026-01-31', '2026-01-31');
    const plain = await world.attest('vat-filing', '2026-03-01', '2026-03-31');
    const cases: [string, { jwt: string; disclosures: readonly string[] }][] = [
      ['RECORD_SIGNATURE_INVALID', foreign],
      ['RECORD_TAMPERED', others],
      ['RECORD_NOT_ANCHORED', loose],
      ['BEYOND_CONSENT', early],
      ['BEYOND_CONSENT', arrears],
      ['BEYOND_CONSENT[delivery.presentations.0.disclosures]', plain],
    ];
    for (const [code, record] of cases) {
      world.ledger.now += 32 * 86_400_000;
      const requestId = await world.ask(artefact);
      const { request } = await world.requestView(requestId);
      const statement = await signJws(
        {
          requestId,
          issuer,
          enterprise: request.enterprise,
          range: request.range,
          asOf: new Date(world.ledger.now).toISOString(),
          types: [
            {
              recordType: 'vat-filing',
              cadences: [],
              nil: false,
              handles: [
                {
                  handle: world.handleOf('vat-filing', 2026),
                  year: 2026,
                  first: 1,
                  last: 1,
                  entries: world.records.map(({ id }, index) => ({ seq: index + 1, id, state: 'DELIVERED' })),
                },
              ],
            },
          ],
        },
        world.department,
        'completeness+jws',
      );
      const disclosures = code.includes('disclosures') ? [...record.disclosures] : [];
      const delivery = {
        requestId,
        presentations: [{ jwt: record.jwt, disclosures }],
        completeness: statement,
      };
      await world.offer(requestId, delivery);
      await expect(world.release(requestId, delivery)).rejects.toThrow(code);
    }
  });
});
