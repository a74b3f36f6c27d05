import { enterpriseIdentity } from '../../network/set-up/identities';
import type { SampleEnterprise } from '../sample/enterprises';
import type { ApiUser } from './api';
import type { Signatory } from './signatory';
import { expectStatus, until, yuan, type Stage } from './stage';

/** What the bank holds after the share, for the acts that follow. */
export interface Shared {
  readonly consentId: string;
  /** One request a provider. */
  readonly requestIds: readonly string[];
}

const taxItems = [
  { recordType: 'vat-filing', fields: ['filingStatus', 'sales', 'taxPayable', 'taxPaid'] },
  { recordType: 'e-invoices', fields: ['issuedAmount', 'buyers'] },
  {
    recordType: 'financial-statement',
    fields: [
      'revenue',
      'netProfit',
      'totalAssets',
      'totalLiabilities',
      'borrowings',
      'operatingCashFlow',
      'interestExpense',
    ],
  },
  { recordType: 'tax-credit-rating', fields: ['rating', 'year'] },
  { recordType: 'tax-arrears', fields: ['amount', 'since'] },
];
const registrationItems = [
  { recordType: 'business-registration', fields: ['establishedOn', 'operatingStatus'] },
  { recordType: 'administrative-penalty', fields: ['kind', 'amount', 'decidedOn', 'settled'] },
];

/** Bank A asks, two of three signatories sign, and the data arrives. */
export async function share(stage: Stage): Promise<Shared> {
  const bank = await stage.signIn('bank-a', 'credit-officer');
  const consent = await ask(stage, bank);
  const consentId = String((consent.artefact as Record<string, unknown>).consentId);
  await sign(stage, bank, consentId);
  const requestIds = [
    await request(stage, bank, consentId, `department:${stage.borrower.region.tax}`, taxItems),
    await request(
      stage,
      bank,
      consentId,
      `department:${stage.borrower.region.marketRegulation}`,
      registrationItems,
    ),
  ];
  await read(stage, bank, requestIds);
  return { consentId, requestIds };
}

/** The same with another enterprise, that one signatory binds, without telling it. */
export async function shareOf(
  { signIn, sample: { range } }: Stage,
  enterprise: SampleEnterprise,
  signatory: Signatory,
): Promise<Shared> {
  const bank = await signIn('bank-a', 'credit-officer');
  const consent = expectStatus(
    await bank.post('/v1/consents', consentFor(enterprise, range)),
    201,
    'asking for consent',
  );
  const consentId = String((consent.artefact as Record<string, unknown>).consentId);
  const user = await signIn('enterprise', enterpriseIdentity(enterprise.uscc));
  const view = expectStatus(await user.get(`/v1/consents/${consentId}`), 200, 'reading the consent');
  const { statement } = await signatory.sign('GRANT', view);
  expectStatus(await user.post(`/v1/consents/${consentId}/statements`, { statement }), 200, 'signing');
  const { region } = enterprise;
  const requestIds: string[] = [];
  for (const [department, items] of [
    [region.tax, taxItems],
    [region.marketRegulation, registrationItems],
  ] as const) {
    const wanted = { consentId, issuer: `department:${department}`, items, range };
    const asked = expectStatus(await bank.post('/v1/data-requests', wanted), 201, 'requesting data');
    requestIds.push(String((asked.request as Record<string, unknown>).requestId));
  }
  for (const requestId of requestIds)
    await until(
      'the delivery',
      () => bank.get(`/v1/data-requests/${requestId}`),
      ({ request: state }) => (state as Record<string, unknown> | undefined)?.status === 'DELIVERED',
    );
  return { consentId, requestIds };
}

/** As the purpose is worded in consortium state: a consent cannot word it otherwise. */
const purposeText = 'Decide on a working-capital loan to the enterprise, and watch it while it runs';

/** What bank A asks an enterprise for: what its loan product decides on. */
function consentFor(
  { uscc, region }: SampleEnterprise,
  range: Stage['sample']['range'],
): Record<string, unknown> {
  const now = Date.now();
  return {
    enterprise: uscc,
    Purpose: { code: 'WORKING_CAPITAL_LOAN', text: purposeText },
    fetchType: 'PERIODIC',
    consentStart: new Date(now - 60_000).toISOString(),
    consentExpiry: new Date(now + 180 * 86_400_000).toISOString(),
    DataRange: range,
    DataLife: { unit: 'DAY', value: 30 },
    Frequency: { unit: 'MONTH', value: 2 },
    items: [
      ...taxItems.map((item) => ({ ...item, issuer: `department:${region.tax}` })),
      ...registrationItems.map((item) => ({ ...item, issuer: `department:${region.marketRegulation}` })),
    ],
    purgeWithinDays: 1,
    evidenceYears: 5,
  };
}

async function ask(
  { narrator, borrower, sample: { range } }: Stage,
  bank: ApiUser,
): Promise<Record<string, unknown>> {
  narrator.step('Bank A asks for consent');
  const wanted = consentFor(borrower, range);
  const tooMuch = await bank.post('/v1/consents', { ...wanted, DataLife: { unit: 'YEAR', value: 30 } });
  narrator.check(
    'a request above the ceilings of its purpose is refused',
    tooMuch.status === 422 && tooMuch.body.code === 'PURPOSE_CEILING_EXCEEDED',
    tooMuch,
  );
  const consent = expectStatus(await bank.post('/v1/consents', wanted), 201, 'asking for consent');
  narrator.check('the consent is on the ledger, REQUESTED', consent.state === 'REQUESTED', consent);
  const early = await bank.post('/v1/data-requests', {
    consentId: (consent.artefact as Record<string, unknown>).consentId,
    issuer: `department:${borrower.region.tax}`,
    items: taxItems,
    range,
  });
  narrator.check('nothing can be requested yet', early.body.code === 'CONSENT_NOT_ACTIVE', early);
  return consent;
}

async function sign(
  { narrator, borrower, signatories, signIn }: Stage,
  bank: ApiUser,
  consentId: string,
): Promise<void> {
  narrator.step('Two of three signatories sign, each in a process of its own');
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const [legal, , finance] = signatories;
  let lodged = '';
  for (const [index, signatory] of [legal, finance].entries()) {
    const view = expectStatus(await user.get(`/v1/consents/${consentId}`), 200, 'reading the consent');
    const { statement, words } = await signatory.sign('GRANT', view);
    if (index === 0) narrator.says(signatory.name, `reads what enterprise-signer shows:\n${words}`);
    else narrator.says(signatory.name, 'reads the same and signs');
    const signed = expectStatus(
      await user.post(`/v1/consents/${consentId}/statements`, { statement }),
      200,
      `lodging the signature of ${signatory.name}`,
    );
    narrator.check(
      index === 0 ? 'one signature does not suffice' : 'the second one makes the consent ACTIVE',
      signed.state === (index === 0 ? 'REQUESTED' : 'ACTIVE'),
      signed,
    );
    lodged = statement;
  }
  const replayed = await user.post(`/v1/consents/${consentId}/statements`, { statement: lodged });
  narrator.check(
    'a signature that is sent again is refused',
    replayed.body.code === 'SIGNATURE_REPLAYED',
    replayed,
  );
  const seen = expectStatus(await bank.get(`/v1/consents/${consentId}`), 200, 'reading the consent');
  narrator.check('bank A sees it ACTIVE, with two signatures', seen.state === 'ACTIVE', seen);
}

async function request(
  { narrator, sample: { range } }: Stage,
  bank: ApiUser,
  consentId: string,
  issuer: string,
  items: readonly unknown[],
): Promise<string> {
  narrator.step(`Bank A requests data of ${issuer}; its release agent answers by itself`);
  const beyond = await bank.post('/v1/data-requests', {
    consentId,
    issuer,
    items: [{ recordType: 'social-insurance', fields: ['payroll'] }],
    range,
  });
  narrator.check('a request beyond the consent is refused', beyond.body.code === 'BEYOND_CONSENT', beyond);
  const began = performance.now();
  const asked = expectStatus(
    await bank.post('/v1/data-requests', { consentId, issuer, items, range }),
    201,
    'requesting data',
  );
  const requestId = String((asked.request as Record<string, unknown>).requestId);
  const delivered = await until(
    'the delivery',
    () => bank.get(`/v1/data-requests/${requestId}`),
    ({ request: state }) => (state as Record<string, unknown> | undefined)?.status === 'DELIVERED',
  );
  narrator.check(
    `offered, then delivered, ${((performance.now() - began) / 1000).toFixed(1)} s after the request`,
    (delivered.offer as Record<string, unknown>).status === 'OFFERED' && delivered.held === true,
    delivered,
  );
  return requestId;
}

interface ReadRecord {
  readonly recordType: string;
  readonly assurance: string;
  readonly statusToday: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly fields: Readonly<Record<string, unknown>>;
}

interface ReadType {
  readonly recordType: string;
  readonly nil: boolean;
  readonly delivered: number;
  readonly expected?: number;
  readonly missing: readonly unknown[];
}

async function read(
  { narrator, borrower, sample }: Stage,
  bank: ApiUser,
  requestIds: readonly string[],
): Promise<void> {
  narrator.step('Bank A reads what was delivered, from its own peer');
  const [tax, registration] = await Promise.all(
    requestIds.map(async (id) =>
      expectStatus(await bank.get(`/v1/deliveries/${id}`), 200, 'reading the delivery'),
    ),
  );
  const records = (tax?.records ?? []) as readonly ReadRecord[];
  const types = (tax?.completeness as { readonly types: readonly ReadType[] }).types;
  for (const { recordType, delivered, expected, nil, missing } of types)
    narrator.says(
      'bank-a',
      nil
        ? `${recordType}: none, as the holder states and signs`
        : `${recordType}: ${delivered}${expected === undefined ? '' : ` of ${expected} periods`}, missing ${missing.length}`,
    );
  const filings = records.filter(({ recordType }) => recordType === 'vat-filing');
  const books = (sample.books.get(borrower.uscc) ?? []).filter(({ from }) => from >= sample.range.from);
  const last = filings.find(({ period }) => period.to === sample.range.to);
  narrator.says(
    'bank-a',
    `sales filed for ${sample.range.to.slice(0, 7)}: ${yuan(last?.fields.sales)} (${last?.assurance ?? ''}, ${last?.statusToday ?? ''})`,
  );
  narrator.check(
    'the sales of 24 months are those that the borrower filed, to the fen',
    filings.length === 24 &&
      books.every(({ from, filedSales }) =>
        filings.some(({ period, fields }) => period.from === from && fields.sales === String(filedSales)),
      ),
    filings.length,
  );
  const statement = records.find(({ recordType }) => recordType === 'financial-statement');
  narrator.check('the annual statement arrives as VERIFIED', statement?.assurance === 'VERIFIED', statement);
  const allowed = new Map(taxItems.map(({ recordType, fields }) => [recordType, fields]));
  narrator.check(
    'every field that arrived was consented to, and none else did',
    records.every(({ recordType, fields }) =>
      Object.keys(fields).every((field) => allowed.get(recordType)?.includes(field)),
    ),
  );
  narrator.check(
    'every record is active and proven by its anchor',
    records.every(({ statusToday }) => statusToday === 'ACTIVE'),
  );
  narrator.check(
    'the holder states what it holds, so that a withheld month would show: nothing is missing',
    (tax?.completeness as { readonly complete: boolean }).complete,
    types,
  );
  const penalties = (registration?.completeness as { readonly types: readonly ReadType[] }).types.find(
    ({ recordType }) => recordType === 'administrative-penalty',
  );
  narrator.check(
    '"no penalties" is a signed statement, not an empty answer',
    penalties?.nil === true,
    penalties,
  );
}
