import type { Catalogue } from './catalogue';

const units = { DAY: 'day', MONTH: 'month', YEAR: 'year' } as const;
const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const line = (label: string, value: string): string => `${`${label}: `.padEnd(15)}${value}`;

/** English. */
export const en: Catalogue = {
  line,
  limit: ({ unit, value }) => many(value, units[unit]),
  department: (id) => `the department ${id}`,
  enterprise: (uscc) => `the enterprise ${uscc}`,
  fingerprint: 'Fingerprint',
  list: (parts) => parts.join(', '),
  consent: {
    asks: (bank, channel) => line('Who asks', `the bank ${bank}, on the channel ${channel}`),
    whose: (enterprise) => line('Whose data', `the enterprise ${enterprise}`),
    purpose: (text, code) => line('Purpose', `${text} (${code})`),
    seesNothing: 'What it may see: no record',
    sees: 'What it may see:',
    item: (recordType, holder, fields) => `  - ${recordType}, held by ${holder}: ${fields}`,
    asksOnly: 'What it may ask, without seeing any record (money in fen):',
    asksBesides: 'What it may ask besides, without seeing the records (money in fen):',
    measure: ({ measure, recordType, months }, field, of) =>
      ({
        SUM: `the sum of ${field}${of === '' ? '' : ` (names ${of} as well)`}`,
        COUNT: `how many ${recordType} there are${field + of === '' ? '' : ` (names ${field} ${of} as well)`}`,
        RATIO: `${field} divided by ${of}`,
        TREND: `how ${field} changed against the ${months} months before${of === '' ? '' : ` (names ${of} as well)`}`,
      })[measure],
    question: ({ id, recordType, months, atLeast, atMost }, measure, holder) => {
      const bounds = [
        ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
        ...(atMost === undefined ? [] : [`at most ${atMost}`]),
      ].join(' and ');
      const only = bounds === '' ? '' : `only whether it is ${bounds}: `;
      return `  - ${id}: ${only}${measure}, over ${months} months of ${recordType}, answered by ${holder}`;
    },
    about: (from, to) => line('About', `the time from ${from} to ${to}`),
    often: (type, { unit, value }) =>
      line(
        'How often',
        type === 'ONETIME'
          ? `once only from each holder, within ${many(value, 'time')} a ${units[unit]}`
          : `at most ${many(value, 'time')} a ${units[unit]} from each holder, again and again until the end`,
      ),
    kept: (life) => line('How long kept', `it may read each delivery for ${life}, never beyond the end`),
    inForce: (start, end) =>
      line('In force', `from ${start} until ${end}, or until any one signatory revokes it`),
    afterwards: (days) => line('Afterwards', `it must delete the data within ${many(days, 'day')}`),
    evidence: (years) =>
      line(
        'If a loan follows',
        years === 0
          ? 'it keeps nothing'
          : `it keeps the evidence that the signed loan cites for ${many(years, 'year')}`,
      ),
    id: (consentId) => line('Consent', consentId),
    replaces: (consentId, digest) =>
      line('In place of', `the consent ${consentId} (${digest}), which ends when this one comes into force`),
  },
  standing: {
    state: (state, version) => line('Standing', `${state}, version ${version}`),
    signatures: (there, required, resuming) =>
      `; ${there} of ${required} needed signatures to ${resuming ? 'resume' : 'agree'} are there`,
    missing: (signatures) => `Still missing: ${many(signatures, 'signature')}`,
    signed: (signatories) =>
      line('Signed by', signatories.length === 0 ? 'nobody yet' : signatories.join(', ')),
    persons: (count, missing) =>
      line(
        'Persons',
        `it takes the own signature of ${count} whom personal fields are about; missing: ${missing.length === 0 ? 'none' : missing.join(', ')}`,
      ),
  },
  actions: {
    GRANT:
      'You agree to all of the above. The bank can ask for the data as soon as enough signatories agree.',
    REJECT: 'You reject the request. It ends at once, for all signatories, and cannot be taken back.',
    PAUSE: 'You pause the consent. The bank can neither ask nor read until enough signatories resume it.',
    RESUME: 'You agree that the paused consent goes on. It does as soon as enough signatories agree.',
    REVOKE:
      'You revoke the consent. It ends at once and for good, the bank must delete the data, and no other signatory is needed.',
  },
  orders: {
    labels: {
      order: 'Order',
      at: 'At',
      whose: 'Whose money',
      from: 'From account',
      account: 'Account',
      line: 'Credit line',
      term: 'Term',
      purpose: 'Purpose',
      paidTo: 'Paid out to',
      to: 'To account',
      amount: 'Amount',
      hold: 'Reservation',
      until: 'Reserved',
      loan: 'Loan',
      extent: 'Extent',
      quotedFor: 'Quoted for',
      valid: 'Valid',
      id: "Order's id",
    },
    titles: {
      TRANSFER: 'transfer to another account of the bank',
      HOLD: 'reserve money for another account',
      POST_HOLD: 'pay reserved money',
      VOID_HOLD: 'give reserved money free',
      REDEEM: 'pay out to the core system of the bank',
      REPAY: 'pay what is due of a loan',
      PREPAY: 'repay a loan before it is due',
      DRAW_DOWN: 'draw money on a credit line',
    },
    meanings: {
      TRANSFER: 'You order the transfer. The money leaves at once and does not come back by itself.',
      HOLD: 'You reserve the money for that account. Nobody can spend it otherwise until it is paid, given free or the last day has passed.',
      POST_HOLD:
        'You order that reserved money is paid. The money leaves at once; what is left of the reservation is free again.',
      VOID_HOLD: 'You give reserved money free. Nothing is paid.',
      REDEEM:
        'You order a payout to the account in the core system of the bank. Two persons of the bank carry it out.',
      REPAY: 'You order a payment of what is due of the loan. The money leaves at once.',
      DRAW_DOWN:
        'You order a drawdown: a loan under the terms that you signed for the credit line, from the day of the payout. Two persons of the bank carry it out.',
      PREPAY:
        'You order that principal is repaid before it is due. A fee may be part of the amount, as quoted.',
    },
    debitedAccount: (account) => `${account}, which fees and instalments are taken from`,
    months: (count) => many(count, 'month'),
    ownAccount: (account) => `the account ${account}`,
    payee: (name, account) => `${name}, account ${account}`,
    lastDay: (day) => `up to and including the business day ${day}`,
    extents: { PART: 'a part of the loan', FULL: 'all of the loan' },
    once: (day) => `to be carried out by ${day} at the latest, once`,
  },
};
