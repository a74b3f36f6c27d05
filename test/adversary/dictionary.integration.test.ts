import { createHash } from 'node:crypto';
import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import type { DocumentTransient, Submission } from '../../chaincode/registry/model';
import type { Delivery } from '../../chaincode/sharing/model';
import { blocksTo, privateHashes, type PrivateHashes } from './blocks';
import { filing } from './facts';
import {
  agent,
  bankMsp,
  channel,
  enterpriseMsp,
  fields,
  issuer,
  officer,
  purger,
  randomId,
  Scenario,
  taxMsp,
  type Enterprise,
  type Prepared,
} from './scenario';

/**
 * What is private is on every peer as a hash of its key and of its value. Whoever knows an enterprise, the kinds of
 * records and the range of plausible values can hash all of them and compare.
 */

const months = [6, 7, 8];

let scenario: Scenario;
let enterprise: Enterprise;
let share: Prepared;
let hashes: PrivateHashes;
/** Documents that lie beside the records, which an insider could write down but for their salt. */
let beside: readonly { readonly salt: string }[];
/** Public digest of a document that the enterprise handed in. */
let submitted: string;

beforeAll(async () => {
  scenario = await Scenario.start();
  enterprise = await scenario.newEnterprise();
  await scenario.attest(enterprise, months);
  share = await scenario.delivered(enterprise);
  const other = await scenario.delivered(enterprise);
  await scenario.submit(purger, 'Purge', { requestIds: [other.requestId] }, [bankMsp]);
  beside = [...(await heldBeside()), await submitDocument()];
  const blocks = await Promise.all(
    ['registry', channel].map(async (name) => blocksTo(scenario, name, await lastBlock(name))),
  );
  hashes = privateHashes(blocks.flat());
}, 300_000);

afterAll(() => scenario.close());

async function heldBeside(): Promise<{ salt: string }[]> {
  const { handle = '' } = claimsOf(share.delivery.presentations[0]?.jwt ?? '');
  const cadence = scenario.tax.secrets.cadenceId(enterprise.uscc, 'vat-filing');
  const on = 'registry';
  const found = await Promise.all([
    scenario.readPrivate(agent, 'ReadIndexes', { handles: [handle] }, { on }),
    scenario.readPrivate(agent, 'ReadCadences', { ids: [cadence] }, { on }),
  ]);
  return (found as { salt: string }[][]).flat();
}

async function submitDocument(): Promise<DocumentTransient> {
  const { uscc, owner } = enterprise;
  const { period, fields: all } = filing(uscc, 9);
  const document = { salt: randomId(), uscc, recordType: 'vat-filing', period, fields: all };
  const id = randomId();
  const transient = { document: canonicalJson(document) };
  await scenario.submit(
    owner,
    'SubmitDocument',
    { id, department: 'tax-shanghai' },
    [taxMsp, enterpriseMsp],
    { on: 'registry', transient },
  );
  const stored = await scenario.evaluate(owner, 'GetSubmission', { id }, { on: 'registry' });
  submitted = (stored as Submission).digest;
  return document;
}

/** Number of a channel's last block: that of a transaction which changes nothing. */
async function lastBlock(on: string): Promise<bigint> {
  const name = on === 'registry' ? 'GetConsortium' : 'ListConsents';
  const proposal = scenario.contract(officer, on).newProposal(name, {
    arguments: ['{}'],
    endorsingOrganizations: [bankMsp],
  });
  return (await scenario.commit(await proposal.endorse(), on)).blockNumber;
}

const sha256Hex = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** Each text as it is, in JSON, hashed and encoded: the forms in which a store might have used it. */
function formsOf(text: string): string[] {
  const digest = createHash('sha256').update(text).digest();
  return [
    text,
    JSON.stringify(text),
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64url'),
    digest.toString('hex'),
    digest.toString('base64url'),
  ];
}

/** What one who guesses right would hash: everything that is in the records, and every way of naming them. */
function guesses(): string[] {
  const { uscc } = enterprise;
  const recordType = 'vat-filing';
  const facts = months.map((month) => filing(uscc, month));
  const values = facts.flatMap(({ fields: all, period }) => {
    const entries = Object.entries(all);
    const disclosed = Object.fromEntries(entries.filter(([name]) => fields.includes(name)));
    return [
      ...entries.flatMap(([name, value]) => [
        ...[String(value), canonicalJson({ [name]: value }), canonicalJson([name, value])],
        ...[JSON.stringify([name, value]), `${name}=${String(value)}`, `${name}:${String(value)}`],
      ]),
      ...[all, disclosed, { period, fields: all }, { uscc, recordType, period, fields: all }].flatMap(
        (whole) => [canonicalJson(whole), JSON.stringify(whole)],
      ),
    ];
  });
  const names = facts.flatMap(({ period: { from, to } }) =>
    ['|', '~', ':', '-', '/'].flatMap((by) =>
      [
        [uscc],
        [uscc, recordType],
        [uscc, recordType, '2026'],
        [uscc, recordType, 'cadence'],
        [uscc, recordType, from, to, '0', ''],
        [uscc, recordType, from, to],
        [uscc, recordType, from],
        [issuer, uscc, recordType, '2026'],
        [issuer, uscc],
        [issuer, uscc, recordType],
      ].map((parts) => parts.join(by)),
    ),
  );
  const documents = beside.flatMap((document) => {
    const { salt, ...rest } = document;
    return [rest, { ...rest, salt: '' }, { ...rest, salt: sha256(salt) }].map((guess) =>
      canonicalJson(guess),
    );
  });
  return [...new Set([...values, ...names, ...documents].flatMap(formsOf))];
}

function claimsOf(jwt: string): { jti: string; seq?: number; period?: unknown; handle?: string } {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as ReturnType<
    typeof claimsOf
  >;
}

const prefixes = [
  '',
  'index~',
  'cadence~',
  'disclosures~',
  'document~',
  'record~',
  'delivery~',
  'enterprise~',
];

it('finds the hashes of what is public or known, so that a match would show', () => {
  const { requestId, delivery } = share;
  expect(hashes.keys).toContain(sha256Hex(`delivery~${requestId}`));
  expect(hashes.values).toContain(sha256Hex(canonicalJson(delivery satisfies Delivery)));
  for (const { jwt } of delivery.presentations) {
    expect(hashes.keys).toContain(sha256Hex(claimsOf(jwt).jti));
    expect(hashes.values).toContain(sha256Hex(jwt));
  }
  expect(beside).toHaveLength(3);
  for (const document of beside) expect(hashes.values).toContain(sha256Hex(canonicalJson(document)));
  expect(hashes.values).toContain(Buffer.from(submitted, 'base64url').toString('hex'));
  // Records and their disclosures, index, cadence, two deliveries.
  expect(hashes.keys.length).toBeGreaterThanOrEqual(2 * months.length + 4);
});

it('gives no key and no value away to a dictionary', () => {
  const dictionary = guesses();
  expect(dictionary.length).toBeGreaterThan(500);
  const onLedger = new Set([
    ...hashes.keys,
    ...hashes.values,
    Buffer.from(submitted, 'base64url').toString('hex'),
  ]);
  const found = dictionary.flatMap((guess) =>
    prefixes.map((prefix) => prefix + guess).filter((text) => onLedger.has(sha256Hex(text))),
  );
  expect(found).toEqual([]);
});

it('shows nothing else of the enterprise in the public state of the registry channel but its entry', async () => {
  const blocks = await blocksTo(scenario, 'registry', await lastBlock('registry'));
  const values = months.map((month) => String(filing(enterprise.uscc, month).fields.sales));
  for (const block of blocks) {
    const bytes = Buffer.from(block.serializeBinary());
    for (const value of values) expect(bytes.includes(value)).toBe(false);
  }
  const mentioning = blocks.filter((block) => Buffer.from(block.serializeBinary()).includes(enterprise.uscc));
  // The transaction that registered it, and nothing of what was attested about it.
  expect(mentioning).toHaveLength(1);
});
