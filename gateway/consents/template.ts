import { addDays, addLength, addMonths, dayOf, toInstant, toMillis } from '../../chaincode/ledger/calendar';
import type { Consortium, Enterprise } from '../../chaincode/registry/model';
import type { Purpose } from '../../chaincode/registry/purpose-model';
import type { ConsentItem, ConsentTerms } from '../../chaincode/sharing/model';

type Departments = readonly {
  readonly id: string;
  readonly region: string;
  readonly recordTypes: readonly string[];
}[];

/** Who holds a record type about an enterprise: the department of its region, or the only one that attests it. */
function holderOf(
  departments: Departments,
  recordType: string,
  region: string | undefined,
): string | undefined {
  const attesting = departments.filter(({ recordTypes }) => recordTypes.includes(recordType));
  const [found] =
    attesting.length === 1 ? attesting : attesting.filter((department) => department.region === region);
  return found === undefined ? undefined : `department:${found.id}`;
}

function itemsOf(
  { items, template }: Purpose,
  departments: Departments,
  region: string | undefined,
): readonly ConsentItem[] {
  return (template?.items ?? items).flatMap(({ recordType, fields }) => {
    const issuer = holderOf(departments, recordType, region);
    return issuer === undefined ? [] : [{ recordType, issuer, fields: [...fields] }];
  });
}

/**
 * Terms that are usual for a purpose, about one enterprise, from today on: a starting point that no ceiling refuses. Record
 * types that other enterprises hold are left out, since which of them is the bank's to say.
 *
 * @param now milliseconds since the epoch.
 * @returns undefined where the consortium has no template for the purpose.
 */
export function termsFromTemplate(
  purpose: Purpose,
  { organisations }: Pick<Consortium, 'organisations'>,
  enterprise: Pick<Enterprise, 'registeredBy'>,
  now: number,
): ConsentTerms | undefined {
  const { template } = purpose;
  if (template === undefined) return undefined;
  const departments = organisations.flatMap((organisation) => organisation.departments);
  const registering = departments.find(({ id }) => `department:${id}` === enterprise.registeredBy);
  const start = toMillis(`${toInstant(now).slice(0, 19)}Z`);
  const today = dayOf(now);
  const firstOfMonth = `${today.slice(0, 8)}01`;
  return {
    fetchType: template.fetchType,
    consentStart: toInstant(start),
    consentExpiry: toInstant(addLength(start, { unit: 'DAY', value: template.validityDays })),
    DataRange: {
      from: addMonths(firstOfMonth, 1 - template.rangeMonths),
      to: addDays(addMonths(firstOfMonth, 1), -1),
    },
    DataLife: template.dataLife,
    Frequency: template.frequency,
    items: [...itemsOf(purpose, departments, registering?.region)],
    purgeWithinDays: template.purgeDays,
    evidenceYears: template.evidenceYears,
  };
}
