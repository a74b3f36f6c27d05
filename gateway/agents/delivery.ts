import { yearsOf } from '../../chaincode/ledger/calendar';
import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';
import { completenessOf, type HeldType } from '../../chaincode/sharing/completeness';
import type { PublicJwk } from '../../chaincode/ledger/schemas';
import type { Completeness, DataRequest, Delivery } from '../../chaincode/sharing/model';
import { deriveAnswers, recordsOfQuestions } from '../../chaincode/sharing/questions/derive';
import type { ConsentQuestion } from '../../chaincode/sharing/questions/model';
import { withheldTypesOf } from '../../chaincode/sharing/release';
import { claimsOf, disclosedField, signAnswers, signCompleteness, typeOf, type LocalIssuer } from '../issuer';
import type { RegistryClient } from '../records/registry';

/** A request that this holder cannot answer, with the reason that the bank and the enterprise see. */
export class Unanswerable extends Error {
  override readonly name = 'Unanswerable';

  constructor(readonly reason: string) {
    super(`the request cannot be answered: ${reason}`);
  }
}

/** Most records that a statement of completeness may account for. */
const mostRecords = 500;

/** What is asked without being handed over. */
export interface AskedQuestions {
  readonly questions: readonly ConsentQuestion[];
  /** The issuer's public keys by `kid`, as the registry has them. */
  readonly keys: Readonly<Record<string, PublicJwk>>;
}

/** A delivery as it is sent: its canonical bytes and their digest. */
export interface BuiltDelivery {
  readonly text: string;
  readonly digest: string;
}

/**
 * Builds the answer to a request from the holder's own records: only the requested fields of active records within the
 * range, the answers to its questions, and the signed statement of all that there is.
 *
 * @throws Unanswerable `TOO_MANY_RECORDS`.
 * @throws ContractError `RECORD_NOT_ANCHORED` while a record is stored and not anchored yet.
 */
export async function buildDelivery(
  registry: RegistryClient,
  issuer: LocalIssuer,
  request: DataRequest,
  asked: AskedQuestions,
  now: Date,
): Promise<BuiltDelivery> {
  const held = await heldTypes(registry, issuer, request, asked);
  const ids = held.flatMap(({ indexes }) => indexes.flatMap(({ entries }) => entries.map(({ id }) => id)));
  if (ids.length > mostRecords) throw new Unanswerable('TOO_MANY_RECORDS');
  const anchors = await registry.anchors(ids);
  const statement = completenessOf(request, held, Object.fromEntries(anchors), now.toISOString());
  const delivered = statement.types.flatMap(({ handles }) =>
    handles.flatMap(({ entries }) =>
      entries.filter(({ state }) => state === 'DELIVERED').map(({ id }) => id),
    ),
  );
  const records = await registry.held(delivered);
  const presentations = delivered.map((id) => {
    const record = records.get(id);
    if (record === undefined || sha256(record.jwt) !== anchors.get(id)?.digest)
      throw new Error('a record of the index is not held as it was anchored');
    return { jwt: record.jwt, disclosures: disclosuresFor(request, record) };
  });
  const delivery: Delivery = {
    requestId: request.requestId,
    presentations,
    completeness: await signCompleteness(issuer.signer, statement),
    ...(asked.questions.length === 0
      ? {}
      : { answers: await answers(registry, issuer, request, asked, statement) }),
  };
  const text = canonicalJson(delivery);
  return { text, digest: sha256(text) };
}

async function answers(
  registry: RegistryClient,
  issuer: LocalIssuer,
  request: DataRequest,
  { questions, keys }: AskedQuestions,
  statement: Completeness,
): Promise<string> {
  const { requestId, enterprise } = request;
  const held = await registry.held(recordsOfQuestions(statement, questions));
  const derived = await deriveAnswers(request, questions, statement, [...held.values()], keys);
  return signAnswers(issuer.signer, {
    requestId,
    issuer: request.issuer,
    enterprise,
    asOf: statement.asOf,
    answers: [...derived],
  });
}

async function heldTypes(
  registry: RegistryClient,
  { secrets }: LocalIssuer,
  request: DataRequest,
  { questions }: AskedQuestions,
): Promise<HeldType[]> {
  const uscc = request.enterprise;
  const years = yearsOf(request.range);
  const recordTypes = [
    ...request.items.map(({ recordType }) => recordType),
    ...withheldTypesOf(request, questions),
  ];
  const wanted = recordTypes.map((recordType) => ({
    recordType,
    cadenceId: secrets.cadenceId(uscc, recordType),
    handles: years.map((year) => ({ year, handle: secrets.handle(uscc, recordType, year) })),
  }));
  const [indexes, cadences] = await Promise.all([
    registry.indexes(wanted.flatMap(({ handles }) => handles.map(({ handle }) => handle))),
    registry.cadences(wanted.map(({ cadenceId }) => cadenceId)),
  ]);
  return wanted.map(({ recordType, cadenceId, handles }) => ({
    recordType,
    cadences: cadences.get(cadenceId) ?? [],
    indexes: handles.map(({ year, handle }) => ({
      year,
      handle,
      entries: indexes.get(handle)?.entries ?? [],
    })),
  }));
}

function disclosuresFor(
  request: DataRequest,
  { jwt, disclosures }: { readonly jwt: string; readonly disclosures: readonly string[] },
): string[] {
  const recordType = typeOf(claimsOf(jwt).vct);
  const fields = request.items.find((item) => item.recordType === recordType)?.fields ?? [];
  return disclosures.filter((disclosure) => fields.includes(disclosedField(disclosure).name));
}
