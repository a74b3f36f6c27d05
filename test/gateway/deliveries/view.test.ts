import { generateKeyPairSync } from 'node:crypto';
import { digestOf } from '../../../chaincode/ledger/canonical';
import type { PublicJwk } from '../../../chaincode/ledger/schemas';
import type { Anchor, Evidence } from '../../../chaincode/registry/model';
import type { Completeness, Delivery, RequestView } from '../../../chaincode/sharing/model';
import { deliveryView, recordIds } from '../../../gateway/deliveries/view';
import { Problem } from '../../../gateway/http/problem';
import {
  fieldsOf,
  issueRecord,
  signCompleteness,
  signerOf,
  type IssuedRecord,
} from '../../../gateway/issuer';

const uscc = '91310000MA1FL0000A';
const issuer = 'department:tax-shanghai';
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = () => signerOf(issuer, { ...keys.privateKey.export({ format: 'jwk' }) });
const range = { from: '2026-01-01', to: '2026-06-30' };
const requestId = 'request-0123456789';
const handle = 'h'.repeat(43);

const month = (index: number) => ({
  from: `2026-0${index}-01`,
  to: new Date(Date.UTC(2026, index, 0)).toISOString().slice(0, 10),
});

async function record(index: number): Promise<IssuedRecord> {
  const draft = {
    id: `record-${index}-${'x'.repeat(20)}`,
    uscc,
    recordType: 'vat-filing',
    typeVersion: 1,
    period: month(index),
    assurance: 'FILED' as const,
    fields: { sales: `${index}00`, taxPaid: '7' },
    handle,
    seq: index,
  };
  return issueRecord(await signer(), draft, new Date('2026-06-10T00:00:00Z'));
}

interface Case {
  readonly request: RequestView;
  readonly delivery: Delivery;
  readonly evidence: Evidence;
  readonly issued: readonly IssuedRecord[];
}

/** Records of January, March and April; February was never attested, May is revoked, June is not over. */
async function delivered(changes: (delivery: Delivery) => Delivery = (same) => same): Promise<Case> {
  const issued = await Promise.all([1, 3, 4].map(record));
  const entry = (seq: number, state: 'DELIVERED' | 'REVOKED') => ({
    seq,
    id: `record-${seq}-${'x'.repeat(20)}`,
    state,
  });
  const statement: Completeness = {
    requestId,
    issuer,
    enterprise: uscc,
    range,
    asOf: '2026-06-15T16:00:00.000Z',
    types: [
      {
        recordType: 'vat-filing',
        cadences: [{ cadence: 'MONTHLY', from: '2020-01-01' }],
        nil: false,
        handles: [
          {
            handle,
            year: 2026,
            first: 1,
            last: 4,
            entries: [
              entry(1, 'DELIVERED'),
              entry(2, 'DELIVERED'),
              entry(3, 'DELIVERED'),
              entry(4, 'REVOKED'),
            ],
          },
        ],
      },
    ],
  };
  const delivery = changes({
    requestId,
    presentations: issued.map(({ jwt, disclosures }) => ({
      jwt,
      disclosures: disclosures.filter((disclosure) => 'sales' in fieldsOf([disclosure])),
    })),
    completeness: await signCompleteness(await signer(), statement),
  });
  const request: RequestView = {
    request: {
      requestId,
      consentId: 'consent-0123456789',
      enterprise: uscc,
      issuer,
      provider: 'TaxMSP',
      items: [{ recordType: 'vat-filing', fields: ['sales'] }],
      range,
      consentVersion: 1,
      requestedAt: '2026-06-15T15:00:00.000Z',
      status: 'DELIVERED',
      deliveredAt: '2026-06-15T16:00:01.000Z',
      digest: digestOf(delivery),
      readableUntil: '2026-07-15T16:00:01.000Z',
    },
    offer: { requestId, status: 'OFFERED' },
    purge: { requestId, status: 'HELD' },
    archive: { requestId, status: 'NONE' },
    held: true,
  };
  const anchors = Object.fromEntries(
    issued.map(({ id, digest, seq }): [string, Anchor] => [
      id,
      { id, msp: 'TaxMSP', handle, seq, digest, status: 'ACTIVE', attestedAt: '2026-06-10T00:00:00.000Z' },
    ]),
  );
  const { kid } = await signer();
  const evidence: Evidence = {
    consortium: {
      name: 'test',
      version: 1,
      organisations: [
        {
          msp: 'TaxMSP',
          name: 'tax',
          roles: ['government'],
          departments: [
            {
              id: 'tax-shanghai',
              name: 'Shanghai Tax',
              region: 'Shanghai',
              registers: false,
              recordTypes: [],
              keys: [],
            },
          ],
        },
      ],
      channels: [],
      purposes: [],
    },
    issuers: {
      [issuer]: {
        msp: 'TaxMSP',
        keys: { [kid]: keys.publicKey.export({ format: 'jwk' }) as PublicJwk },
        inForce: [kid],
      },
    },
    recordTypes: {},
    anchors,
    heads: {},
  };
  return { request, delivery, evidence, issued };
}

it('shows fields with source, period, assurance and status today', async () => {
  const { request, delivery, evidence, issued } = await delivered();
  const [first, second] = issued;
  const anchors: Record<string, Anchor> = { ...evidence.anchors };
  const march = anchors[second?.id ?? ''];
  if (first === undefined || march === undefined) throw new Error('three records');
  anchors[march.id] = { ...march, status: 'REVOKED', reason: 'ERROR' };
  // An anchor of another digest is somebody else's word, and none at all proves nothing.
  anchors[first.id] = { ...march, id: first.id, digest: 'z'.repeat(43) };
  const view = await deliveryView(request, delivery, { ...evidence, anchors });
  expect(view.source).toEqual({ issuer, name: 'Shanghai Tax', region: 'Shanghai', organisation: 'TaxMSP' });
  expect(view.records.map(({ fields, period }) => [period.from, fields])).toEqual([
    ['2026-01-01', { sales: '100' }],
    ['2026-03-01', { sales: '300' }],
    ['2026-04-01', { sales: '400' }],
  ]);
  expect(view.records.map(({ statusToday }) => statusToday)).toEqual(['NOT_ANCHORED', 'REVOKED', 'ACTIVE']);
  expect(recordIds(delivery)).toEqual(issued.map(({ id }) => id));
});

it('says what is missing and why', async () => {
  const { request, delivery, evidence } = await delivered();
  const { completeness } = await deliveryView(request, delivery, evidence);
  expect(completeness.complete).toBe(false);
  expect(completeness.types).toEqual([
    expect.objectContaining({
      delivered: 3,
      expected: 6,
      withheld: { asked: 0, outOfRange: 0, superseded: 0, revoked: 1 },
      missing: [
        { period: month(2), reason: 'WITHDRAWN' },
        { period: month(5), reason: 'WITHDRAWN' },
        { period: month(6), reason: 'NOT_DUE' },
      ],
    }),
  ]);
});

it.each<[string, (delivery: Delivery) => Delivery]>([
  [
    'a record is signed by another',
    ({ presentations, ...rest }) => ({
      ...rest,
      presentations: presentations.map((each) => ({ ...each, jwt: `${each.jwt.slice(0, -8)}AAAAAAAA` })),
    }),
  ],
  [
    'a field was changed',
    ({ presentations, ...rest }) => ({
      ...rest,
      presentations: presentations.map((each) => ({
        ...each,
        disclosures: [Buffer.from('["c2FsdHNhbHRzYWx0c2FsdHM","sales","999"]').toString('base64url')],
      })),
    }),
  ],
  [
    'the statement of completeness was changed',
    (delivery) => ({ ...delivery, completeness: `${delivery.completeness.slice(0, -8)}AAAAAAAA` }),
  ],
])('shows nothing where %s', async (_what, change) => {
  const { request, delivery, evidence } = await delivered(change);
  await expect(deliveryView(request, delivery, evidence)).rejects.toMatchObject({
    code: 'DELIVERY_UNPROVEN',
  });
});

it('shows nothing where the digest on the ledger is another, or the keys are unknown', async () => {
  const { request, delivery, evidence } = await delivered();
  const other = { ...request, request: { ...request.request, digest: 'z'.repeat(43) } };
  await expect(deliveryView(other, delivery, evidence)).rejects.toThrow(Problem);
  await expect(deliveryView(request, delivery, { ...evidence, issuers: {} })).rejects.toThrow(Problem);
});
