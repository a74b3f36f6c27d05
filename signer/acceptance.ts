import { Type } from 'typebox';
import { jsonIn } from '../chaincode/ledger/json';
import { check } from '../chaincode/ledger/parse';
import { MspId, strict } from '../chaincode/ledger/schemas';
import {
  acceptanceType,
  OfferView,
  type AcceptanceStatement,
  type LoanSheet,
  type Offer,
  type SignedDebit,
} from '../chaincode/lending/applications/model';
import { sheetText, yuan } from '../chaincode/lending/applications/sheet-words';
import { canonicalDigest } from './digest';
import type { SigningKey } from './keyfile';
import { Refusal } from './refusal';
import { newNonce, signCanonical } from './signing';
import { plain } from './plain';

/** Acceptances: what a signatory says to a loan's sheet, with the direct debit that goes with it. */

/** A gateway adds the bank that an offer is of; the sheet, which is what is signed, names it as well. */
const viewCheck = check(Type.Object({ bank: Type.Optional(MspId), ...OfferView.properties }, strict));

/**
 * An offer as a gateway serves it, held against its own digest. The words that come with it are not taken: they are made
 * here, from the sheet that is signed.
 *
 * @throws Refusal where the text is no offer, or sheet and digest disagree.
 */
export async function parseOffer(text: string): Promise<Offer> {
  const view = viewCheck.accept(jsonIn(text));
  if (!view) throw new Refusal('This is not an offer as the gateway serves it.');
  const { offer } = view;
  const { sheet } = offer;
  if (view.bank !== undefined && view.bank !== sheet.bank)
    throw new Refusal('The offer came as that of another bank than its sheet names. Do not sign.');
  if (
    (await canonicalDigest(sheet)) !== offer.digest ||
    (await canonicalDigest(sheet.terms)) !== sheet.termsDigest ||
    sheet.offerId !== offer.offerId ||
    sheet.applicationId !== offer.applicationId
  )
    throw new Refusal(
      'The digest is of another sheet than the one shown. Do not sign; ask who gave it to you.',
    );
  return offer;
}

/** The sheet with the texts of others made safe to show, each by itself: the lines' own columns are ours. */
export function withPlainTexts(sheet: LoanSheet): LoanSheet {
  const { payee } = sheet;
  return {
    ...sheet,
    channel: plain(sheet.channel),
    productName: plain(sheet.productName),
    ...(payee === undefined ? {} : { payee: { ...payee, name: plain(payee.name) } }),
  };
}

/** Sheet and direct debit in plain words, line by line. Pure. */
export function describeOffer({ sheet, digest, state }: Offer, debit: SignedDebit): string[] {
  return [
    ...sheetText(withPlainTexts(sheet)),
    '',
    `Your direct debit:   the bank may take what is due from the account ${debit.account}, at most CNY ${yuan(debit.cap)}`,
    `                     at a time, until ${debit.expires}`,
    `Standing:            ${state}`,
    `Fingerprint:         ${digest}`,
  ];
}

/** What a signature under a sheet will do. */
export const acceptanceMeaning =
  'You accept the loan with all of the above, and allow the direct debit. It binds the enterprise as soon as enough signatories accept.';

/** The direct debit that a sheet asks for where nothing else is said: the least cap, and a year beyond the last instalment. */
export function usualDebit(sheet: LoanSheet): SignedDebit {
  const last = sheet.schedule.at(-1)?.dueDate ?? sheet.drawBy;
  const expires = `${Number(last.slice(0, 4)) + 1}-12-31`;
  return { account: sheet.account, cap: sheet.leastDebitCap, expires };
}

/**
 * Signs an acceptance.
 *
 * @param signedAt instant of the signature, by the signatory's own clock.
 * @throws Refusal where the offer does not stand, the debit cannot collect the loan, or the bytes signed are not those shown.
 */
export async function signAcceptance(
  { sheet, digest, state }: Offer,
  directDebit: SignedDebit,
  signer: SigningKey,
  signedAt: string,
): Promise<string> {
  if (state !== 'OPEN') throw new Refusal(`The offer is ${state}; there is nothing to accept.`);
  if (directDebit.account !== sheet.account || BigInt(directDebit.cap) < BigInt(sheet.leastDebitCap))
    throw new Refusal('The direct debit is not what the sheet asks for; the ledger would refuse it.');
  const statement: AcceptanceStatement = {
    action: 'ACCEPT_LOAN',
    channel: sheet.channel,
    applicationId: sheet.applicationId,
    offerId: sheet.offerId,
    sheetDigest: digest,
    directDebit,
    enterprise: sheet.enterprise,
    signatory: signer.signatory,
    nonce: newNonce(),
    signedAt,
  };
  return signCanonical(statement, acceptanceType, signer);
}
