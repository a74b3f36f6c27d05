import { dayOf, toMillis } from '../ledger/calendar';
import { ContractError } from '../ledger/errors';
import { enterpriseOf } from '../registry/situation';
import type { Enterprise, Evidence, RecordType } from '../registry/model';
import type { ConsentArtefact, ConsentRecord, DataRequest } from './model';

/**
 * Persons whose own signature a consent takes: those whom the personal fields that it asks for are about.
 *
 * Personal data of an owner or an officer is not the enterprise's to give away (Personal Information Protection Law of the
 * PRC, articles 13 and 23). Derived answers name no person and need none.
 *
 * @param day on which the consent is asked for.
 * @throws ContractError `PERSON_NOT_ENROLLED` where nobody is enrolled for a personal field: nobody could agree.
 */
export function personsOf(
  { items }: { readonly items: readonly Pick<ConsentArtefact['items'][number], 'recordType' | 'fields'>[] },
  { signatories }: Pick<Enterprise, 'signatories'>,
  recordTypes: Readonly<Record<string, RecordType>>,
  day: string,
): readonly string[] {
  const persons = new Set<string>();
  items.forEach(({ recordType, fields }, index) => {
    const personal = recordTypes[recordType]?.personal ?? [];
    for (const field of fields.filter((name) => personal.includes(name))) {
      const concerned = signatories.filter(
        ({ concerns = [], from, to }) =>
          concerns.includes(`${recordType}.${field}`) && from <= day && (to === undefined || day <= to),
      );
      if (concerned.length === 0)
        throw new ContractError(
          'PERSON_NOT_ENROLLED',
          `nobody is enrolled whom ${field} is about`,
          `items.${index}.fields`,
        );
      for (const { id } of concerned) persons.add(id);
    }
  });
  return [...persons].sort();
}

/**
 * Holds what the consent's record says of persons against the registry, before personal fields are handed over: two
 * organisations can write the record, and leave a person out.
 *
 * @param evidence with the record types of the request.
 * @throws ContractError `CONSENT_NOT_ACTIVE` where a person's signature was never asked for.
 */
export function requirePersons(record: ConsentRecord, request: DataRequest, evidence: Evidence): void {
  const day = dayOf(toMillis(record.requestedAt));
  const concerned = personsOf(request, enterpriseOf(evidence), evidence.recordTypes, day);
  if (concerned.some((id) => !record.persons.includes(id)))
    throw new ContractError('CONSENT_NOT_ACTIVE', 'a person whom a field is about was not asked');
}
