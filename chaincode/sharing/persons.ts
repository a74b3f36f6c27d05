import { ContractError } from '../ledger/errors';
import type { Enterprise, RecordType } from '../registry/model';
import type { ConsentArtefact } from './model';

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
  { items }: Pick<ConsentArtefact, 'items'>,
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
