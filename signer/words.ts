import type { ConsentAction, ConsentArtefact, ConsentView } from '../chaincode/sharing/model';
import type { ConsentQuestion } from '../chaincode/sharing/questions/model';
import type { Catalogue } from './languages/catalogue';
import { en } from './languages/en';
import { plain } from './plain';

/** A consent in plain words, so that who signs knows what. Pure. */

function holder(issuer: string, words: Catalogue): string {
  const [kind = '', id = ''] = issuer.split(':');
  return kind === 'department' ? words.department(id) : words.enterprise(id);
}

/** A question as the signatory reads it: whether a number is told, or yes or no alone. */
function describeQuestion(question: ConsentQuestion, words: Catalogue): string {
  const { measure, question: line } = words.consent;
  const what = measure(question, plain(question.field ?? ''), plain(question.of ?? ''));
  return line(question, what, holder(question.issuer, words));
}

function describeQuestions({ items, questions = [] }: ConsentArtefact, words: Catalogue): string[] {
  if (questions.length === 0) return [];
  return [
    items.length === 0 ? words.consent.asksOnly : words.consent.asksBesides,
    ...questions.map((question) => describeQuestion(question, words)),
  ];
}

/** What the bank asks for, line by line: every member of the artefact. */
export function describeConsent(artefact: ConsentArtefact, words: Catalogue = en): string[] {
  const { consent } = words;
  const { DataRange, items, replaces } = artefact;
  return [
    consent.asks(plain(artefact.bank), plain(artefact.channel)),
    consent.whose(artefact.enterprise),
    consent.purpose(plain(artefact.Purpose.text), artefact.Purpose.code),
    items.length === 0 ? consent.seesNothing : consent.sees,
    ...items.map(({ recordType, issuer, fields }) =>
      consent.item(recordType, holder(issuer, words), words.list(fields.map(plain))),
    ),
    ...describeQuestions(artefact, words),
    consent.about(DataRange.from, DataRange.to),
    consent.often(artefact.fetchType, artefact.Frequency),
    consent.kept(words.limit(artefact.DataLife)),
    consent.inForce(artefact.consentStart, artefact.consentExpiry),
    consent.afterwards(artefact.purgeWithinDays),
    consent.evidence(artefact.evidenceYears),
    consent.id(artefact.consentId),
    ...(replaces === undefined ? [] : [consent.replaces(replaces.consentId, replaces.digest)]),
  ];
}

/** Where the consent stands, as the gateway says; the ledger decides. */
export function describeStanding(view: ConsentView, words: Catalogue = en): string[] {
  const { state, version, signedBy, required, persons } = view;
  const { standing } = words;
  const signable = state === 'REQUESTED' || state === 'PAUSED';
  const next = signable ? standing.signatures(signedBy.length, required, version !== 0) : '';
  const missing = persons.filter((id) => !signedBy.includes(id)).map(plain);
  return [
    `${standing.state(state, version)}${next}`,
    ...(signable
      ? [standing.signed(signedBy.map(plain)), standing.missing(Math.max(0, required - signedBy.length))]
      : []),
    ...(persons.length === 0 ? [] : [standing.persons(persons.length, missing)]),
  ];
}

/** What a signature will do. */
export function describeAction(action: ConsentAction, words: Catalogue = en): string {
  return words.actions[action];
}
