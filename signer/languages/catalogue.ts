import type { Limit } from '../../chaincode/registry/purpose-model';
import type { PaymentAction } from '../../chaincode/lending/books/payment-order';
import type { ConsentAction, ConsentArtefact, ConsentState } from '../../chaincode/sharing/model';
import type { ConsentQuestion } from '../../chaincode/sharing/questions/model';

/** Members of payment orders that are shown by a label and their value. */
export type OrderLabel =
  | 'order'
  | 'at'
  | 'whose'
  | 'from'
  | 'account'
  | 'line'
  | 'term'
  | 'purpose'
  | 'paidTo'
  | 'to'
  | 'amount'
  | 'hold'
  | 'until'
  | 'loan'
  | 'extent'
  | 'quotedFor'
  | 'valid'
  | 'id';

/**
 * All words of one language. A member that a signed document gains is one entry here, which the compiler then asks of every
 * language. Texts of others come in already made safe to show.
 */
export interface Catalogue {
  /** One line: what it is about, and what is said. */
  readonly line: (label: string, value: string) => string;
  readonly limit: (limit: Limit) => string;
  readonly department: (id: string) => string;
  readonly enterprise: (uscc: string) => string;
  /** Label of a document's digest. */
  readonly fingerprint: string;
  readonly list: (parts: readonly string[]) => string;
  readonly consent: {
    readonly asks: (bank: string, channel: string) => string;
    readonly whose: (enterprise: string) => string;
    readonly purpose: (text: string, code: string) => string;
    readonly seesNothing: string;
    readonly sees: string;
    readonly item: (recordType: string, holder: string, fields: string) => string;
    readonly asksOnly: string;
    readonly asksBesides: string;
    readonly measure: (question: ConsentQuestion, field: string, of: string) => string;
    readonly question: (question: ConsentQuestion, measure: string, holder: string) => string;
    readonly about: (from: string, to: string) => string;
    readonly often: (type: ConsentArtefact['fetchType'], limit: Limit) => string;
    readonly kept: (life: string) => string;
    readonly inForce: (start: string, end: string) => string;
    readonly afterwards: (days: number) => string;
    readonly evidence: (years: number) => string;
    readonly id: (consentId: string) => string;
    readonly replaces: (consentId: string, digest: string) => string;
  };
  readonly standing: {
    readonly state: (state: ConsentState, version: number) => string;
    readonly signatures: (there: number, required: number, resuming: boolean) => string;
    readonly missing: (signatures: number) => string;
    readonly signed: (signatories: readonly string[]) => string;
    readonly persons: (count: number, missing: readonly string[]) => string;
  };
  readonly actions: Readonly<Record<ConsentAction, string>>;
  readonly orders: {
    readonly labels: Readonly<Record<OrderLabel, string>>;
    readonly titles: Readonly<Record<PaymentAction, string>>;
    readonly meanings: Readonly<Record<PaymentAction, string>>;
    readonly debitedAccount: (account: string) => string;
    readonly months: (count: number) => string;
    readonly ownAccount: (account: string) => string;
    readonly payee: (name: string, account: string) => string;
    readonly lastDay: (day: string) => string;
    readonly extents: Readonly<Record<'PART' | 'FULL', string>>;
    readonly once: (day: string) => string;
  };
}
