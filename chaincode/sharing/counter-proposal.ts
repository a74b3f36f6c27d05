import type { Context } from 'fabric-contract-api';
import { toMillis } from '../ledger/calendar';
import { canonicalJson } from '../ledger/canonical';
import { emit, writeDocument } from '../ledger/documents';
import { ContractError } from '../ledger/errors';
import { situationOf } from '../registry/situation';
import { requireEnterprise } from './access';
import { firstDuplicate, isWithinDuration, isWithinFrequency, isWithinPeriod } from './limits';
import type { ConsentTerms, CounterConsentInput, CounterProposal } from './model';
import { keys, loadConsent, loadRecord } from './store';

function wider(field: string): never {
  throw new ContractError('NOT_NARROWER', 'allows more than what was asked', `terms.${field}`);
}

const within: readonly (readonly [
  keyof ConsentTerms,
  (terms: ConsentTerms, asked: ConsentTerms) => boolean,
])[] = [
  ['fetchType', (terms, asked) => terms.fetchType === 'ONETIME' || asked.fetchType === 'PERIODIC'],
  ['consentStart', (terms, asked) => toMillis(terms.consentStart) >= toMillis(asked.consentStart)],
  ['consentExpiry', (terms, asked) => toMillis(terms.consentExpiry) <= toMillis(asked.consentExpiry)],
  ['DataRange', (terms, asked) => isWithinPeriod(terms.DataRange, asked.DataRange)],
  ['DataLife', (terms, asked) => isWithinDuration(terms.DataLife, asked.DataLife)],
  ['Frequency', (terms, asked) => isWithinFrequency(terms.Frequency, asked.Frequency)],
  ['purgeWithinDays', (terms, asked) => terms.purgeWithinDays <= asked.purgeWithinDays],
  ['evidenceYears', (terms, asked) => terms.evidenceYears <= asked.evidenceYears],
];

/**
 * Refuses a counter-proposal that does not narrow what was asked: fewer records, fields or questions, a shorter range or
 * life, fewer requests, and nothing that was not asked.
 *
 * @throws ContractError `NOT_NARROWER` naming what is wider; `INVALID_INPUT` where it asks for nothing or is what was asked.
 */
export function checkNarrower(terms: ConsentTerms, asked: ConsentTerms): void {
  for (const [field, fits] of within) if (!fits(terms, asked)) wider(field);
  terms.items.forEach(({ issuer, recordType, fields }, index) => {
    const item = asked.items.find(
      (candidate) => candidate.issuer === issuer && candidate.recordType === recordType,
    );
    if (item === undefined || fields.some((field) => !item.fields.includes(field))) wider(`items.${index}`);
  });
  const questions = (asked.questions ?? []).map((question) => canonicalJson(question));
  terms.questions?.forEach((question, index) => {
    if (!questions.includes(canonicalJson(question))) wider(`questions.${index}`);
  });
  const names = terms.items.map(({ issuer, recordType }) => `${issuer} ${recordType}`);
  const invalid = (reason: string): never => {
    throw new ContractError('INVALID_INPUT', reason, 'terms');
  };
  if (firstDuplicate(names) !== undefined) invalid('names a record type of a holder twice');
  if (terms.items.length === 0 && terms.questions === undefined) invalid('leaves nothing: reject instead');
  if (toMillis(terms.consentExpiry) <= toMillis(terms.consentStart)) invalid('ends before it begins');
}

/** The enterprise says what it would agree to instead. Endorsed by its organisation alone; the last one stands. */
export async function counterConsent(ctx: Context, { consentId, terms }: CounterConsentInput): Promise<void> {
  const record = await loadRecord(ctx, consentId);
  const situation = await situationOf(ctx, { uscc: record.artefact.enterprise });
  requireEnterprise(situation, record.artefact.enterprise);
  const { standing } = await loadConsent(ctx, record, situation);
  if (standing.state !== 'REQUESTED')
    throw new ContractError('STATE_CONFLICT', `the consent is ${standing.state}`, 'consentId');
  checkNarrower(terms, record.artefact);
  const proposal: CounterProposal = { consentId, at: situation.time.instant, terms };
  await writeDocument(ctx, keys.counter(consentId), proposal);
  emit(ctx, 'ConsentCountered', { consentId });
}
