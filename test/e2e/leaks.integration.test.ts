import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { openResponse } from '../../chaincode/ledger/sealed';
import type { HeldRecord } from '../../chaincode/registry/model';
import { end } from '../../examples/story/ending';
import { examineStatement, importExtracts, registerEnterprises } from '../../examples/story/loading';
import { Narrator, StoryError } from '../../examples/story/narrator';
import { share, type Shared } from '../../examples/story/sharing';
import { Signatory } from '../../examples/story/signatory';
import { organisationOf, signInAt, type Stage } from '../../examples/story/stage';
import { defaultSample, extractsAbout, generateSample } from '../../examples/sample/generate';
import type { Extract } from '../../examples/sample/extracts';
import { networkDown } from '../../network/cli/network';
import { departmentIdentity, enterpriseIdentity } from '../../network/set-up/identities';
import { findLeaks, type Leak } from '../support/leaks';
import { testNetwork, type TestNetwork } from '../support/network';
import { transactionsOf, type PublicTransaction } from './blocks';
import { disclosed, guessableDigests, needlesOf, secretsOf, valuesOf, type FieldValue } from './values';

jest.setTimeout(420_000);

/** Keeps the story's checks and tells nothing. */
class Checks extends Narrator {
  public override step(): void {
    // Untold.
  }

  public override says(): void {
    // Untold.
  }

  public override check(claim: string, holds: boolean, seen?: unknown): void {
    if (!holds) throw new StoryError(`${claim}; seen: ${JSON.stringify(seen)}`);
  }
}

/** What gateways are sent and refuse: no trace of it may stay, not even with the one who was asked. */
const refused = {
  amount: '918273645546372819.5',
  field: 'chineseWall564738291',
  text: '绝密的地址七四一',
};

/** 32 bytes as an id in base64url, or a number. */
const opaque = /^([A-Za-z0-9_-]{22,64}|\d{1,4})$/;

const channels = { registry: 'regulator', 'sharing-bank-a': 'regulator', 'sharing-bank-b': 'bank-b' };

let network: TestNetwork;
let stage: Stage;
let extracts: readonly Extract[];
let shared: Shared;
/** Values, disclosures and salts, by the organisation that issued them. */
const secrets = new Map<string, Set<string>>();
/** Those of them that the bank was given. */
let given: Set<string>;
/** Values of the document that the borrower submitted. */
let submitted: Set<string>;
/** Digests of all records, which are public. */
let anchored: Buffer[];
/** Transactions of all channels. */
let transactions: PublicTransaction[];
/** What is found in the network's directory while the bank holds the data, and after the purge. */
let held: readonly Leak[];
let purged: readonly Leak[];

beforeAll(async () => {
  network = await testNetwork({ fresh: true, gateways: true });
  stage = await setStage();
  extracts = extractsAbout(stage.sample.extracts, new Set(stage.enterprises.map(({ uscc }) => uscc)));
  await registerEnterprises(stage);
  await importExtracts(stage);
  await examineStatement(stage);
  await tryWhatIsRefused();
  shared = await share(stage);
  await submitPrivateRead();
  await collectSecrets();
  const all = [...secrets.values(), Object.values(refused)].flatMap((values) => [...values]);
  await networkDown(network.directory, () => undefined);
  held = await findLeaks([network.directory], [...new Set(all), ...anchored, ...guessableDigests(extracts)]);

  await network.restart();
  await end(stage, shared);
  await networkDown(network.directory, () => undefined);
  purged = await findLeaks([network.directory], given);
});

afterAll(async () => {
  await network.close();
});

async function setStage(): Promise<Stage> {
  const { context } = network;
  const sample = generateSample(defaultSample);
  const enterprises = sample.enterprises.slice(0, 3);
  const [borrower, neighbour, weak] = enterprises;
  if (borrower === undefined || neighbour === undefined || weak === undefined)
    throw new Error('the sample is empty');
  const keys = path.join(context.directory, 'signatories', borrower.uscc);
  return {
    context,
    narrator: new Checks(),
    sample,
    enterprises,
    borrower,
    neighbour,
    weak,
    buyerExtracts: [],
    buyers: [],
    signatories: [
      await Signatory.create(keys, 'legal-representative'),
      await Signatory.create(keys, 'director'),
      await Signatory.create(keys, 'finance'),
    ],
    signIn: signInAt(context),
  };
}

/** Facts, files and documents that the schemas refuse, in each place where a message or a log might quote them. */
async function tryWhatIsRefused(): Promise<void> {
  const { borrower, signIn } = stage;
  const { tax, marketRegulation } = borrower.region;
  const period = { from: '2026-10-01', to: '2026-10-31' };
  const fields = { filingStatus: 'FILED', sales: refused.amount, [refused.field]: refused.text };
  const record = { uscc: borrower.uscc, recordType: 'vat-filing', period, fields };
  const attester = await signIn('tax', departmentIdentity('attester', tax));
  const attested = await attester.post('/v1/records', { records: [record] });
  expect(attested.status).toBe(422);

  const file = [
    'uscc,issued_on,legal_name,registered_capital,address',
    `${borrower.uscc},2026-01-05,X,${refused.amount},${refused.text}`,
    `${refused.text},${refused.amount},"${refused.text}`,
  ].join('\r\n');
  const registration = await signIn('market-regulation', departmentIdentity('attester', marketRegulation));
  const imported = await registration.postFile(
    '/v1/records:import?recordType=business-registration&wait=true',
    file,
    'text/csv',
  );
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const submitted = await user.post('/v1/documents', { ...record, uscc: undefined, department: tax });
  for (const answer of [attested, imported, submitted])
    for (const value of Object.values(refused)) expect(JSON.stringify(answer.body)).not.toContain(value);
}

/** A read of private data that is submitted: its answer is on the ledger, for all members of the channel. */
async function submitPrivateRead(): Promise<void> {
  const [requestId = ''] = shared.requestIds;
  const contract = network
    .connect('bank-a', 'credit-officer')
    .gateway.getNetwork('sharing-bank-a')
    .getContract('sharing');
  const submitted = await contract.submitAsync('ReadDelivery', {
    arguments: [JSON.stringify({ requestId })],
    transientData: { responseKey: randomBytes(32).toString('base64url') },
    endorsingOrganizations: ['BankAMSP'],
  });
  await submitted.getStatus();
  const blocks = await transactionsOf(network, 'sharing-bank-a', 'regulator');
  const found = blocks.find(({ id }) => id === submitted.getTransactionId());
  expect(found?.bytes.includes('ciphertext')).toBe(true);
}

async function collectSecrets(): Promise<void> {
  const publicTexts = stage.enterprises.flatMap(({ name, uscc }) => [name, uscc]);
  for (const { name } of network.topology.organisations) {
    const own = extracts.filter(({ department }) => organisationOf(stage.context, department) === name);
    if (own.length > 0) secrets.set(name, needlesOf(valuesOf(own), publicTexts));
  }
  const statements = valuesOf(extracts).filter(
    ({ uscc, recordType }) => uscc === stage.borrower.uscc && recordType === 'financial-statement',
  );
  submitted = needlesOf(statements, publicTexts);
  transactions = (
    await Promise.all(
      Object.entries(channels).map(([channel, organisation]) =>
        transactionsOf(network, channel, organisation),
      ),
    )
  ).flat();
  const all = await records();
  anchored = all.map(({ jwt }) => createHash('sha256').update(jwt).digest());
  for (const { name, disclosures } of all)
    for (const secret of disclosures.flatMap(secretsOf)) secrets.get(name)?.add(secret);

  const bank = await stage.signIn('bank-a', 'credit-officer');
  const presentations = await Promise.all(
    shared.requestIds.map(async (id) => (await bank.get(`/v1/deliveries/${id}?format=sd-jwt`)).body),
  );
  const disclosures = presentations
    .flatMap(({ presentations: all }) => all as string[])
    .flatMap((presentation) => presentation.split('~').slice(1, -1));
  const values = disclosures.map((disclosure): FieldValue => {
    const { name: field, value } = disclosed(disclosure);
    return { uscc: stage.borrower.uscc, recordType: '', field, value };
  });
  given = new Set([...needlesOf(values, publicTexts), ...disclosures.flatMap(secretsOf)]);
}

/** All that was attested, as its holders read it. */
async function records(): Promise<(HeldRecord & { readonly name: string })[]> {
  const found: (HeldRecord & { readonly name: string })[] = [];
  for (const { creator, args } of transactions.filter(({ args: [name] }) => name === 'AnchorRecords')) {
    const { records: batch } = JSON.parse(args[1] ?? '') as { records: { id: string }[] };
    const name = organisationOf(stage.context, creator.replace(/^[^.]*\./, ''));
    const contract = network.connect(name, creator).gateway.getNetwork('registry').getContract('registry');
    const responseKey = randomBytes(32).toString('base64url');
    const sealed = await contract.evaluate('ReadRecords', {
      arguments: [JSON.stringify({ ids: batch.map(({ id }) => id) })],
      transientData: { responseKey },
    });
    const own = openResponse(Buffer.from(sealed).toString('utf8'), responseKey) as HeldRecord[];
    expect(own).toHaveLength(batch.length);
    found.push(...own.map((record) => ({ ...record, name })));
  }
  return found;
}

/** The organisation whose ledger or gateway store a place is in; '' for what is public, shared or a log. */
function holderOf({ place }: Leak): string {
  const [top, second = '', third = '', fourth] = path.relative(network.directory, place).split(path.sep);
  if (top === 'ledger' && ['private', 'peers'].includes(second)) return third.split(' ')[0] ?? '';
  return top === 'organisations' && third === 'gateway' && fourth?.startsWith('store') === true ? second : '';
}

/**
 * Where a secret may be, apart from the bank. A peer of Fabric keeps the private writes that it endorsed in its transient
 * store until `transientstoreMaxBlockRetention` blocks later where it is no member of their collection: so the peer of the
 * enterprise, which endorses what it hands in, keeps that for a while. The embedded runtime does not.
 */
function isAtHome(leak: Leak): boolean {
  const holder = holderOf(leak);
  if (secrets.get(holder)?.has(leak.needle) === true) return true;
  const transient = network.runtime === 'native' && leak.place.includes('/transientstore');
  return holder === 'enterprise' && transient && submitted.has(leak.needle);
}

/** Whether it is in the bank's ledger and was given to it. The bank's gateway passes on what it reads and keeps nothing. */
const isWithBank = (leak: Leak): boolean =>
  holderOf(leak) === 'bank-a' && leak.place.includes('/ledger/') && given.has(leak.needle);

const describePlaces = (leaks: readonly Leak[]): string[] =>
  [...new Set(leaks.map(({ needle, encoding, place }) => `${needle} as ${encoding} in ${place}`))].slice(
    0,
    20,
  );

const storedIn = (leaks: readonly Leak[], holder: string): Set<string> =>
  new Set(leaks.filter((leak) => leak.stored && holderOf(leak) === holder).map(({ needle }) => needle));

it('finds every value, disclosure and salt with those who may hold it, so that it can find them', () => {
  expect([...secrets.keys()].sort()).toEqual(['market-regulation', 'tax']);
  for (const [holder, values] of secrets) {
    expect(values.size).toBeGreaterThan(50);
    const stored = storedIn(held, holder);
    expect([...values].filter((value) => !stored.has(value))).toEqual([]);
  }
  expect(given.size).toBeGreaterThan(100);
  const stored = storedIn(held, 'bank-a');
  expect([...given].filter((value) => !stored.has(value))).toEqual([]);
});

it('finds none of them anywhere else: no block, state, event, log or store of another', () => {
  const known = [...secrets.values()];
  const leaks = held.filter(({ needle }) => known.some((values) => values.has(needle)));
  expect(describePlaces(leaks.filter((leak) => !isAtHome(leak) && !isWithBank(leak)))).toEqual([]);
});

it('finds the digests of records in blocks, and none that a guess at values or names could be checked against', () => {
  const found = new Set(held.filter((leak) => holderOf(leak) === '').map(({ needle }) => needle));
  const hex = (digests: readonly Buffer[]): string[] => digests.map((digest) => digest.toString('hex'));
  expect(hex(anchored).filter((digest) => !found.has(digest))).toEqual([]);
  const guessed = new Set(hex(guessableDigests(extracts)));
  expect(describePlaces(held.filter(({ needle }) => guessed.has(needle)))).toEqual([]);
});

it('keeps no trace of what was refused', () => {
  const values = Object.values(refused);
  expect(describePlaces(held.filter(({ needle }) => values.includes(needle)))).toEqual([]);
});

it('tells on the ledger neither whom a record is about nor of what type it is', () => {
  const names = stage.enterprises.map(({ uscc }) => uscc);
  const types = [...new Set(extracts.map(({ recordType }) => recordType))];
  const told = (name: string, words: readonly string[]): string[] => {
    const found = transactions.filter(({ args }) => args[0] === name);
    expect(found.length).toBeGreaterThan(0);
    // All types are read, whichever is needed: a read set that names each tells nothing.
    return found.flatMap(({ bytes }) => {
      const seen = words.filter((word) => bytes.includes(word));
      return seen.length === types.length ? [] : seen;
    });
  };
  for (const name of ['StoreRecords', 'AnchorRecords', 'ExamineDocument'])
    expect([name, told(name, names)]).toEqual([name, []]);
  // Who hands a document in signs for it, so only what it is stays hidden.
  for (const name of ['StoreRecords', 'AnchorRecords', 'SubmitDocument', 'ExamineDocument'])
    expect([name, told(name, types)]).toEqual([name, []]);
});

it('sends nothing but ids and counts in events', () => {
  const events = transactions.flatMap(({ event }) => (event === undefined ? [] : [event]));
  const departments = network.topology.organisations.flatMap((organisation) =>
    organisation.departments.map(({ id }) => id),
  );
  const words = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(words) : [String(value)];
  expect(new Set(events.map(({ name }) => name)).size).toBeGreaterThan(6);
  for (const { name, payload } of events)
    for (const word of words(JSON.parse(payload)))
      if (!departments.includes(word)) expect([name, word]).toEqual([name, expect.stringMatching(opaque)]);
});

it('leaves the bank nothing after revocation and purge, and the providers what is their own', () => {
  const stored = new Set([...secrets.keys()].flatMap((provider) => [...storedIn(purged, provider)]));
  expect([...given].filter((value) => !stored.has(value))).toEqual([]);
  const elsewhere = purged.filter((leak) => !isAtHome(leak));
  // Real peers delete a purged value from their stores, but leave it to LevelDB when the bytes of a deleted record leave
  // its files: some were seen in those of transient store, private data store and state. The embedded runtime makes
  // LevelDB rewrite them.
  const counted = elsewhere.filter(
    (leak) => leak.stored || network.runtime === 'embedded' || !isWithBank(leak),
  );
  expect(describePlaces(counted)).toEqual([]);
});
