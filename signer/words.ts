import type { Limit } from '../chaincode/registry/purpose-model';
import type { ConsentAction, ConsentArtefact, ConsentView } from '../chaincode/sharing/model';
import type { ConsentQuestion } from '../chaincode/sharing/questions/model';

/** A consent in plain words, so that who signs knows what. Pure. */

/**
 * Text of others made safe to show: control, format and line characters could move the cursor, hide lines or turn the
 * direction of writing, and so show something else than what is signed.
 */
export function plain(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

const units = { DAY: 'day', MONTH: 'month', YEAR: 'year' } as const;

const lasting = ({ unit, value }: Limit): string => `${value} ${units[unit]}${value === 1 ? '' : 's'}`;

function holder(issuer: string): string {
  const [kind = '', id = ''] = issuer.split(':');
  return kind === 'department' ? `the department ${id}` : `the enterprise ${id}`;
}

function frequency({ fetchType, Frequency }: ConsentArtefact): string {
  if (fetchType === 'ONETIME') return 'once only from each holder';
  const { unit, value } = Frequency;
  return `at most ${value} time${value === 1 ? '' : 's'} a ${units[unit]} from each holder, again and again until the end`;
}

const measures = {
  SUM: ({ field }: ConsentQuestion) => `the sum of ${plain(field ?? '')}`,
  COUNT: ({ recordType }: ConsentQuestion) => `how many ${recordType} there are`,
  RATIO: ({ field, of }: ConsentQuestion) => `${plain(field ?? '')} divided by ${plain(of ?? '')}`,
  TREND: ({ field, months }: ConsentQuestion) =>
    `how ${plain(field ?? '')} changed against the ${months} months before`,
} as const;

/** A question as the signatory reads it: whether a number is told, or yes or no alone. */
function describeQuestion(question: ConsentQuestion): string {
  const { id, recordType, issuer, measure, months, atLeast, atMost } = question;
  const what = `${measures[measure](question)}, over ${months} months of ${recordType}, answered by ${holder(issuer)}`;
  if (atLeast !== undefined) return `  - ${id}: only whether it is at least ${atLeast}: ${what}`;
  if (atMost !== undefined) return `  - ${id}: only whether it is at most ${atMost}: ${what}`;
  return `  - ${id}: ${what}`;
}

function describeQuestions({ items, questions = [] }: ConsentArtefact): string[] {
  if (questions.length === 0) return [];
  return [
    items.length === 0
      ? 'What it may ask, without seeing any record (money in fen):'
      : 'What it may ask besides, without seeing the records (money in fen):',
    ...questions.map(describeQuestion),
  ];
}

/** What the bank asks for, line by line. */
export function describeConsent(artefact: ConsentArtefact): string[] {
  const { evidenceYears, purgeWithinDays, replaces } = artefact;
  return [
    `Who asks:      the bank ${plain(artefact.bank)}, on the channel ${plain(artefact.channel)}`,
    `Whose data:    the enterprise ${artefact.enterprise}`,
    `Purpose:       ${plain(artefact.Purpose.text)} (${artefact.Purpose.code})`,
    artefact.items.length === 0 ? 'What it may see: no record' : 'What it may see:',
    ...artefact.items.map(
      ({ recordType, issuer, fields }) =>
        `  - ${recordType}, held by ${holder(issuer)}: ${fields.map(plain).join(', ')}`,
    ),
    ...describeQuestions(artefact),
    `About:         the time from ${artefact.DataRange.from} to ${artefact.DataRange.to}`,
    `How often:     ${frequency(artefact)}`,
    `How long kept: it may read each delivery for ${lasting(artefact.DataLife)}, never beyond the end`,
    `In force:      from ${artefact.consentStart} until ${artefact.consentExpiry}, or until any one signatory revokes it`,
    `Afterwards:    it must delete the data within ${purgeWithinDays} day${purgeWithinDays === 1 ? '' : 's'}`,
    evidenceYears === 0
      ? 'If a loan follows: it keeps nothing'
      : `If a loan follows: it keeps the evidence that the signed loan cites for ${evidenceYears} year${evidenceYears === 1 ? '' : 's'}`,
    `Consent:       ${artefact.consentId}`,
    ...(replaces === undefined
      ? []
      : [`In place of:   the consent ${replaces.consentId}, which ends when this one comes into force`]),
  ];
}

/** Where the consent stands, as the gateway says; the ledger decides. */
export function describeStanding(view: ConsentView): string[] {
  const { state, version, signedBy, required, persons } = view;
  const next =
    state === 'REQUESTED' || state === 'PAUSED'
      ? `; ${signedBy.length} of ${required} needed signatures to ${version === 0 ? 'agree' : 'resume'} are there`
      : '';
  const missing = persons.filter((id) => !signedBy.includes(id));
  return [
    `Standing:      ${state}, version ${version}${next}`,
    ...(persons.length === 0
      ? []
      : [
          `Persons:       it takes the own signature of ${persons.length} whom personal fields are about; missing: ${missing.length === 0 ? 'none' : missing.join(', ')}`,
        ]),
  ];
}

const meanings: Readonly<Record<ConsentAction, string>> = {
  GRANT: 'You agree to all of the above. The bank can ask for the data as soon as enough signatories agree.',
  REJECT: 'You reject the request. It ends at once, for all signatories, and cannot be taken back.',
  PAUSE: 'You pause the consent. The bank can neither ask nor read until enough signatories resume it.',
  RESUME: 'You agree that the paused consent goes on. It does as soon as enough signatories agree.',
  REVOKE:
    'You revoke the consent. It ends at once and for good, the bank must delete the data, and no other signatory is needed.',
};

/** What a signature will do. */
export function describeAction(action: ConsentAction): string {
  return meanings[action];
}
