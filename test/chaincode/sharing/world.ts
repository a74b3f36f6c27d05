import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { canonicalJson, digestOf, sha256 } from '../../../chaincode/ledger/canonical';
import { openResponse } from '../../../chaincode/ledger/sealed';
import type { Anchor, Enterprise, Evidence, EvidenceInput } from '../../../chaincode/registry/model';
import { completenessOf, type HeldType } from '../../../chaincode/sharing/completeness';
import { SharingContract } from '../../../chaincode/sharing/contract';
import type {
  Completeness,
  ConsentAction,
  ConsentArtefact,
  ConsentStatement,
  ConsentView,
  DataRequest,
  Delivery,
  RequestView,
  StopThrough,
} from '../../../chaincode/sharing/model';
import { randomId, newSigner, signJws, type Signer } from './keys';
import {
  bank,
  channel,
  evidenceOf,
  FakeRegistry,
  fieldsOf,
  issuer,
  limit,
  platform,
  tax,
  uscc,
} from './registry';
import { TestLedger, type Endorsed, type TestIdentity } from '../../support/chaincode/ledger';

export * from './keys';
export * from './registry';

/** A channel of bank A with the real sharing contract, a registry that says what the test decides, and everybody's keys. */

export const otherUscc = '91330000MA2H7YQR5P';

export const officer: TestIdentity = { msp: bank, attributes: { role: 'credit-officer' } };
export const purger: TestIdentity = { msp: bank, attributes: { role: 'purge-agent' } };
export const agent: TestIdentity = {
  msp: tax,
  attributes: { role: 'release-agent', department: 'tax-shanghai' },
};
export const user: TestIdentity = { msp: platform, attributes: { role: 'enterprise-user', uscc } };
export const otherUser: TestIdentity = {
  msp: platform,
  attributes: { role: 'enterprise-user', uscc: otherUscc },
};
export const supervisor: TestIdentity = { msp: 'RegulatorMSP', attributes: { role: 'supervisor' } };

export interface HeldRecord {
  readonly id: string;
  readonly jwt: string;
  readonly disclosures: readonly string[];
  readonly recordType: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly handle: string;
  readonly seq: number;
  readonly names: readonly string[];
}

export class World {
  readonly ledger = new TestLedger();
  readonly department = newSigner('tax-key-1');
  readonly signatories = ['anna', 'bert', 'carl'].map((name) => newSigner(`signatory-${name}-0000`));
  readonly clerk = newSigner('signatory-clerk-0000');
  readonly former = newSigner('signatory-former-000');
  readonly anchors = new Map<string, Anchor>();
  readonly records: HeldRecord[] = [];
  enterprise: Enterprise;
  readonly purposeText = 'Deciding on a working capital loan';

  constructor() {
    this.enterprise = {
      uscc,
      name: 'Shanghai Example Ltd',
      status: 'ACTIVE',
      mandate: { required: 2 },
      signatories: [
        ...this.signatories.map(({ id, jwk }) => ({
          id,
          jwk,
          office: 'DIRECTOR' as const,
          from: '2020-01-01',
        })),
        { id: this.clerk.id, jwk: this.clerk.jwk, office: 'RECORDS', from: '2020-01-01' },
        {
          id: this.former.id,
          jwk: this.former.jwk,
          office: 'DIRECTOR',
          from: '2020-01-01',
          to: '2026-10-31',
        },
      ],
      registeredBy: 'department:amr-shanghai',
      version: 1,
    };
    this.ledger.deploy('registry', 'registry', new FakeRegistry(this), [['TaxMSP']]);
    this.ledger.deploy(channel, 'sharing', new SharingContract(), [[platform, bank]]);
  }

  /** What the registry vouches for. */
  evidence(asked: EvidenceInput): Evidence {
    return evidenceOf(this, asked);
  }

  headOf(handle: string): number {
    return this.records.filter((record) => record.handle === handle).length;
  }

  handleOf(recordType: string, year: number, subject = uscc): string {
    return sha256(`secret|${subject}|${recordType}|${year}`);
  }

  /** Attests a record and anchors it. */
  async attest(
    recordType: string,
    from: string,
    to: string,
    { subject = uscc, signer = this.department, anchored = true } = {},
  ): Promise<HeldRecord> {
    const handle = this.handleOf(recordType, Number(to.slice(0, 4)), subject);
    const seq = this.headOf(handle) + 1;
    const names = fieldsOf[recordType] ?? [];
    const disclosures = names.map((name) =>
      Buffer.from(
        JSON.stringify([randomBytes(16).toString('base64url'), name, `${name} of ${from}`]),
      ).toString('base64url'),
    );
    const id = randomId();
    const claims = {
      iss: issuer,
      sub: subject,
      jti: id,
      vct: `urn:sme-credit:record:${recordType}:1`,
      iat: 1_760_000_000,
      handle,
      seq,
      period: { from, to },
      assurance: 'FILED',
      _sd: disclosures.map((text) => sha256(text)).sort(),
      _sd_alg: 'sha-256',
    };
    const jwt = await signJws(claims, signer, 'dc+sd-jwt');
    const record = { id, jwt, disclosures, recordType, period: { from, to }, handle, seq, names };
    this.records.push(record);
    if (anchored)
      this.anchors.set(id, {
        id,
        msp: tax,
        handle,
        seq,
        digest: sha256(jwt),
        status: 'ACTIVE',
        attestedAt: '2026-11-01T00:00:00.000Z',
      });
    return record;
  }

  artefact(changes: Partial<ConsentArtefact> = {}): ConsentArtefact {
    return {
      consentId: randomId(),
      channel,
      bank,
      enterprise: uscc,
      Purpose: { code: 'WORKING_CAPITAL_LOAN', text: this.purposeText },
      fetchType: 'PERIODIC',
      consentStart: '2026-11-01T00:00:00Z',
      consentExpiry: '2027-06-30T00:00:00Z',
      DataRange: { from: '2025-01-01', to: '2026-12-31' },
      DataLife: limit('MONTH', 1),
      Frequency: limit('MONTH', 2),
      items: [{ recordType: 'vat-filing', issuer, fields: ['sales', 'taxPaid'] }],
      purgeWithinDays: 3,
      evidenceYears: 5,
      ...changes,
    };
  }

  run(
    name: string,
    input: unknown,
    caller: TestIdentity,
    endorsers: readonly string[],
    transient: Readonly<Record<string, unknown>> = {},
  ): Promise<Endorsed> {
    return this.ledger.submit({
      channel,
      chaincode: 'sharing',
      function: name,
      input,
      caller,
      endorsers,
      transient,
    });
  }

  async query(
    name: string,
    input: unknown,
    caller: TestIdentity,
    transient: Readonly<Record<string, unknown>> = {},
    endorsers: readonly string[] = [caller.msp],
  ): Promise<unknown> {
    const text = await this.ledger.evaluate({
      channel,
      chaincode: 'sharing',
      function: name,
      input,
      caller,
      transient,
      endorsers,
    });
    return JSON.parse(text);
  }

  request(artefact: ConsentArtefact): Promise<Endorsed> {
    return this.run('RequestConsent', artefact, officer, [platform, bank]);
  }

  statement(
    artefact: ConsentArtefact,
    action: ConsentAction,
    signatory: Signer,
    changes: Partial<ConsentStatement> = {},
  ): Promise<string> {
    const statement: ConsentStatement = {
      action,
      channel,
      consentId: artefact.consentId,
      version: 1,
      artefactDigest: digestOf(artefact),
      enterprise: uscc,
      signatory: signatory.id,
      nonce: randomId(),
      signedAt: '2026-11-20T00:00:00Z',
      ...changes,
    };
    return signJws(statement, signatory, 'consent-statement+jws');
  }

  lodge(artefact: ConsentArtefact, statement: string): Promise<Endorsed> {
    return this.run('LodgeStatement', { consentId: artefact.consentId, statement }, user, [platform]);
  }

  stop(artefact: ConsentArtefact, statement: string, through: StopThrough = 'enterprise'): Promise<Endorsed> {
    const caller = { enterprise: user, government: agent, regulator: supervisor }[through];
    return this.run('LodgeStop', { consentId: artefact.consentId, through, statement }, caller, [caller.msp]);
  }

  signer(index: number): Signer {
    const found = this.signatories[index];
    if (!found) throw new Error('no such signatory');
    return found;
  }

  /** Asked for, and signed by two of three. */
  async consented(changes: Partial<ConsentArtefact> = {}): Promise<ConsentArtefact> {
    const artefact = this.artefact(changes);
    await this.request(artefact);
    for (const index of [0, 1])
      await this.lodge(artefact, await this.statement(artefact, 'GRANT', this.signer(index)));
    return artefact;
  }

  view(artefact: ConsentArtefact): Promise<ConsentView> {
    return this.query('GetConsent', { consentId: artefact.consentId }, officer) as Promise<ConsentView>;
  }

  async ask(artefact: ConsentArtefact, changes: object = {}): Promise<string> {
    const requestId = randomId();
    const input = {
      requestId,
      consentId: artefact.consentId,
      issuer,
      items: [{ recordType: 'vat-filing', fields: ['sales'] }],
      range: { from: '2026-01-01', to: '2026-12-31' },
      ...changes,
    };
    await this.run('RequestData', input, officer, [platform, bank]);
    return requestId;
  }

  requestView(requestId: string): Promise<RequestView> {
    return this.query('GetRequest', { requestId }, officer) as Promise<RequestView>;
  }

  /** What the honest release agent sends, unless the test changes it on the way. */
  async delivery(
    request: DataRequest,
    change: (honest: { presentations: Delivery['presentations']; statement: Completeness }) => void = () =>
      undefined,
    signer = this.department,
  ): Promise<Delivery> {
    const years = [2025, 2026].filter(
      (year) =>
        year >= Number(request.range.from.slice(0, 4)) && year <= Number(request.range.to.slice(0, 4)),
    );
    const held: HeldType[] = request.items.map(({ recordType }) => ({
      recordType,
      cadences: [{ cadence: 'MONTHLY', from: '2025-01-01' }],
      indexes: years.map((year) => {
        const handle = this.handleOf(recordType, year);
        const entries = this.records
          .filter((record) => record.handle === handle)
          .map(({ seq, id, period }) => ({ seq, id, period }));
        return { handle, year, entries };
      }),
    }));
    const asOf = new Date(this.ledger.now).toISOString();
    const statement = completenessOf(request, held, Object.fromEntries(this.anchors), asOf);
    const delivered = statement.types.flatMap((type) =>
      type.handles.flatMap((handle) => handle.entries.filter(({ state }) => state === 'DELIVERED')),
    );
    const presentations = delivered.map(({ id }) => this.presentation(id, request));
    const honest = { presentations, statement };
    change(honest);
    return {
      requestId: request.requestId,
      presentations: honest.presentations,
      completeness: await signJws(honest.statement, signer, 'completeness+jws'),
    };
  }

  presentation(id: string, request: DataRequest): Delivery['presentations'][number] {
    const record = this.records.find((candidate) => candidate.id === id);
    const item = request.items.find(({ recordType }) => recordType === record?.recordType);
    if (!record || !item) throw new Error('no such record');
    const disclosures = record.disclosures.filter((_, index) =>
      item.fields.includes(record.names[index] ?? ''),
    );
    return { jwt: record.jwt, disclosures };
  }

  offer(requestId: string, delivery: Delivery): Promise<Endorsed> {
    const digest = sha256(canonicalJson(delivery));
    return this.run('Offer', { requestId, digest }, agent, [tax]);
  }

  release(requestId: string, delivery: Delivery, endorsers = [tax, bank]): Promise<Endorsed> {
    return this.run('Release', { requestId }, agent, endorsers, { delivery: canonicalJson(delivery) });
  }

  /** Request to delivery, as everybody honest does it. */
  async deliver(artefact: ConsentArtefact): Promise<string> {
    const requestId = await this.ask(artefact);
    const { request } = await this.requestView(requestId);
    const delivery = await this.delivery(request);
    await this.offer(requestId, delivery);
    await this.release(requestId, delivery);
    return requestId;
  }

  async read(requestId: string, caller = officer, endorsers = [caller.msp]): Promise<Delivery> {
    const responseKey = randomBytes(32).toString('base64url');
    const sealed = await this.query('ReadDelivery', { requestId }, caller, { responseKey }, endorsers);
    return openResponse(JSON.stringify(sealed), responseKey) as Delivery;
  }

  purge(requestIds: readonly string[]): Promise<Endorsed> {
    return this.run('Purge', { requestIds }, purger, [bank]);
  }
}

/** Months of 2026 from January on. */
export async function attestMonths(world: World, count: number): Promise<void> {
  for (let month = 1; month <= count; month++) {
    const from = `2026-${String(month).padStart(2, '0')}-01`;
    const to = new Date(Date.UTC(2026, month, 0)).toISOString().slice(0, 10);
    await world.attest('vat-filing', from, to);
  }
}
