import { toMillis } from '../../chaincode/ledger/calendar';
import { canonicalJson, digestOf, sha256 } from '../../chaincode/ledger/canonical';
import { credentialKeyId, openCredential, type OpenedCredential } from '../../chaincode/ledger/credential';
import { implicitCollection } from '../../chaincode/ledger/documents';
import { jsonIn } from '../../chaincode/ledger/json';
import type { Check as SchemaCheck } from '../../chaincode/ledger/parse';
import { findDepartment } from '../../chaincode/registry/consortium';
import { verifyEntry } from '../../chaincode/registry/enterprises';
import type { Anchor, Consortium } from '../../chaincode/registry/model';
import { checkCompleteness, openCompleteness } from '../../chaincode/sharing/completeness';
import type { ConsentRecord, DataRequest, Grant } from '../../chaincode/sharing/model';
import { checkScope } from '../../chaincode/sharing/release';
import { consentStanding } from '../../chaincode/sharing/standing';
import { verifyStatements } from '../../chaincode/sharing/statements';
import { checks as documents, keys } from '../../chaincode/sharing/store';
import type { DeliveryBundle } from './bundle';
import type { Roots } from './certificates';
import { ledgerFaults, openBlock, type ProvenTransaction } from './ledger';

/** One thing that a bundle has to stand. */
export interface Verdict {
  readonly code: VerdictCode;
  readonly holds: boolean;
}

/** Stable names of the checks, in the order in which they are reported. */
export const verdictCodes = [
  ...ledgerFaults,
  'LEDGER_DOCUMENTS',
  'ENDORSED_BY_PARTIES',
  'PRIVATE_HASH',
  'OFFER_DIGEST',
  'ENTERPRISE_ENTRY',
  'CONSENT_SIGNATURES',
  'WITHIN_CONSENT',
  'RECORD_SIGNATURES',
  'COMPLETENESS',
] as const;
export type VerdictCode = (typeof verdictCodes)[number];

/** What the verifier trusts. */
export interface Trust {
  readonly roots: Roots;
  /** MSP id of the orderer. */
  readonly orderer: string;
  /** The registry's state: organisations with their departments' keys. */
  readonly consortium: Consortium;
}

/** Newest document under a key, with the transaction that wrote it; undefined where none is well formed. */
function newest<T>(
  transactions: readonly ProvenTransaction[],
  key: string,
  against: SchemaCheck<T>,
): { readonly document: T; readonly by: ProvenTransaction } | undefined {
  const by = transactions.findLast(({ writes }) => writes.has(key));
  const document = by && against.accept(jsonIn(Buffer.from(by.writes.get(key) ?? '', 'utf8')));
  return document === undefined || by === undefined ? undefined : { document, by };
}

/**
 * Verifies a delivery against its proof, without any network. A check that cannot be made, since what it rests on is
 * missing, does not hold.
 *
 * That a transaction is valid stands in metadata that the exporting peer wrote and no orderer signs: it is that peer's word.
 */
export async function verifyDelivery(bundle: DeliveryBundle, trust: Trust): Promise<readonly Verdict[]> {
  const { channel, requestId } = bundle;
  const wanted = (key: string) => /^(consent|grant|request|offer)~/.test(key);
  const opened = bundle.blocks.map((block) =>
    openBlock(Buffer.from(block, 'base64'), { channel, ...trust }, wanted),
  );
  const transactions = opened.flatMap((block) => block.transactions);
  const held = new Map<VerdictCode, boolean>();
  for (const code of ledgerFaults)
    held.set(
      code,
      opened.every(({ faults }) => !faults.has(code)),
    );
  const request = newest(transactions, keys.request(requestId), documents.request);
  const consentId = request?.document.consentId ?? '';
  const consent = newest(transactions, keys.consent(consentId), documents.record);
  const grant = newest(transactions, keys.grant(consentId), documents.grant);
  const offer = newest(transactions, keys.offer(requestId), documents.offer);
  if (request !== undefined && consent !== undefined && grant !== undefined && offer !== undefined) {
    const { artefact } = consent.document;
    held.set('LEDGER_DOCUMENTS', agree(bundle, request.document, consent.document));
    const provider = providerOf(trust.consortium, request.document.issuer);
    held.set(
      'ENDORSED_BY_PARTIES',
      provider === request.document.provider &&
        [provider, artefact.bank].every((msp) => request.by.endorsers.has(msp)) &&
        offer.by.endorsers.has(provider) &&
        consent.by.endorsers.has(artefact.bank),
    );
    const digest = sha256(canonicalJson(bundle.delivery));
    const place = `${implicitCollection(artefact.bank)} ${sha256(keys.delivery(requestId))}`;
    held.set('PRIVATE_HASH', request.by.privateHashes.get(place) === digest);
    held.set('OFFER_DIGEST', offer.document.digest === request.document.digest);
    held.set(
      'WITHIN_CONSENT',
      within(() => checkScope(artefact, askedOf(request.document))),
    );
    held.set(
      'CONSENT_SIGNATURES',
      await isGranted(bundle, request.document, consent.document, grant.document),
    );
    await verifyRecords(bundle, request.document, trust.consortium, held);
  }
  held.set('ENTERPRISE_ENTRY', (await verifyEntry(trust.consortium, bundle.enterprise)) !== undefined);
  return verdictCodes.map((code) => ({ code, holds: held.get(code) ?? false }));
}

function agree(
  { requestId, channel, enterprise, delivery }: DeliveryBundle,
  request: DataRequest,
  consent: ConsentRecord,
): boolean {
  const { artefact, digest } = consent;
  return (
    request.requestId === requestId &&
    delivery.requestId === requestId &&
    request.status === 'DELIVERED' &&
    artefact.channel === channel &&
    artefact.consentId === request.consentId &&
    artefact.enterprise === request.enterprise &&
    enterprise.entry.uscc === request.enterprise &&
    digestOf(artefact) === digest
  );
}

function providerOf(consortium: Consortium, issuer: string): string | undefined {
  const [kind, id = ''] = issuer.split(':');
  return kind === 'department' ? findDepartment(consortium, id)?.msp : undefined;
}

function askedOf({ requestId, consentId, issuer, items, questions, range }: DataRequest) {
  return { requestId, consentId, issuer, items, range, ...(questions === undefined ? {} : { questions }) };
}

function within(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    // The contract's own rule, which refuses by throwing.
    return false;
  }
}

async function isGranted(
  { enterprise }: DeliveryBundle,
  { deliveredAt }: DataRequest,
  consent: ConsentRecord,
  grant: Grant,
): Promise<boolean> {
  if (deliveredAt === undefined) return false;
  const verified = await verifyStatements(consent, grant, [], enterprise.entry);
  return consentStanding(consent, verified, toMillis(deliveredAt)).state === 'ACTIVE';
}

const typeOf = ({ claims }: OpenedCredential): string => claims.vct.split(':')[3] ?? '';

async function verifyRecords(
  { delivery }: DeliveryBundle,
  request: DataRequest,
  consortium: Consortium,
  held: Map<VerdictCode, boolean>,
): Promise<void> {
  const [, department = ''] = request.issuer.split(':');
  const found = findDepartment(consortium, department)?.department.keys ?? [];
  const jwks = Object.fromEntries(found.map(({ kid, jwk }) => [kid, jwk]));
  const records: OpenedCredential[] = [];
  for (const { jwt, disclosures } of delivery.presentations) {
    const jwk = jwks[credentialKeyId(jwt) ?? ''];
    const record = jwk && (await openCredential(jwt, disclosures, jwk));
    if (record !== undefined) records.push(record);
  }
  const asked = (record: OpenedCredential) =>
    request.items.find(({ recordType }) => recordType === typeOf(record))?.fields ?? [];
  held.set(
    'RECORD_SIGNATURES',
    records.length === delivery.presentations.length &&
      records.every((record) => Object.keys(record.fields).every((name) => asked(record).includes(name))) &&
      records.every(({ claims }) => claims.iss === request.issuer && claims.sub === request.enterprise),
  );
  try {
    const statement = await openCompleteness(delivery.completeness, jwks);
    const handles = statement.types.flatMap((type) => type.handles);
    const anchors = handles.flatMap(({ handle, entries }) =>
      entries.map(({ id, seq, state }): [string, Anchor] => {
        const status = state === 'SUPERSEDED' || state === 'REVOKED' ? state : 'ACTIVE';
        return [
          id,
          { id, msp: request.provider, handle, seq, digest: '', status, attestedAt: statement.asOf },
        ];
      }),
    );
    const heads = Object.fromEntries(handles.map(({ handle, last }) => [handle, last]));
    const types = statement.types.map(({ recordType }) => recordType);
    // Anchors lie on another channel: off-line the statement is held against itself and what is delivered.
    checkCompleteness(statement, {
      request,
      delivered: records.map((record) => ({
        id: record.claims.jti,
        recordType: typeOf(record),
        handle: record.claims.handle,
        seq: record.claims.seq,
        period: record.claims.period,
      })),
      evidence: { anchors: Object.fromEntries(anchors), heads },
      withheldTypes: types.filter((type) => !request.items.some(({ recordType }) => recordType === type)),
      millis: toMillis(request.deliveredAt ?? request.requestedAt),
      skewSeconds: Math.max(0, ...consortium.channels.map(({ clockSkewSeconds }) => clockSkewSeconds)),
    });
    held.set('COMPLETENESS', true);
  } catch {
    // As above: the contract's rule refuses by throwing.
    held.set('COMPLETENESS', false);
  }
}
