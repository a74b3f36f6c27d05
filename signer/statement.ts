import { jsonIn } from '../chaincode/ledger/json';
import { check } from '../chaincode/ledger/parse';
import {
  ConsentView,
  statementType,
  type ConsentAction,
  type ConsentStatement,
} from '../chaincode/sharing/model';
import { admits } from '../chaincode/sharing/states';
import { canonicalDigest } from './digest';
import type { SigningKey } from './keyfile';
import { Refusal } from './refusal';
import { newNonce, signCanonical } from './signing';

const viewCheck = check(ConsentView);

/**
 * A consent as a gateway serves it, held against its own digest: the digest is what is signed, the artefact what is shown.
 *
 * @throws Refusal where the text is no consent, or artefact and digest disagree.
 */
export async function parseConsent(text: string): Promise<ConsentView> {
  const view = viewCheck.accept(jsonIn(text));
  if (!view) throw new Refusal('This is not a consent as the gateway serves it.');
  if ((await canonicalDigest(view.artefact)) !== view.digest) {
    throw new Refusal(
      'The digest is of another consent than the one shown. Do not sign; ask who gave it to you.',
    );
  }
  return view;
}

/** The version that a statement names: what it is about, by its number. */
function versionFor(action: ConsentAction, { state, version, nextVersion, signedBy }: ConsentView): number {
  if (action === 'GRANT' || action === 'REJECT') return 1;
  if (action === 'RESUME') return nextVersion;
  // A pause of what is half resumed undoes those signatures.
  return state === 'PAUSED' && signedBy.length > 0 ? nextVersion : Math.max(version, 1);
}

/**
 * The statement that a signatory is about to sign. A stop can always be signed: whether the consent is in force is the
 * gateway's word, and a gateway could say that there is nothing to stop.
 *
 * @param signedAt instant of the signature, by the signatory's own clock.
 * @throws Refusal where the consent's state does not admit the action.
 */
export function prepareStatement(
  view: ConsentView,
  action: ConsentAction,
  signatory: string,
  signedAt: string,
): ConsentStatement {
  const stops = action === 'PAUSE' || action === 'REVOKE';
  if (!stops && !admits(view.state, action)) {
    throw new Refusal(`A consent that is ${view.state} admits no ${action}.`);
  }
  const { artefact, digest } = view;
  return {
    action,
    channel: artefact.channel,
    consentId: artefact.consentId,
    version: versionFor(action, view),
    artefactDigest: digest,
    enterprise: artefact.enterprise,
    signatory,
    nonce: newNonce(),
    signedAt,
  };
}

/**
 * Signs a statement about a consent as a compact JWS (ES256).
 *
 * @throws Refusal where it is not about the consent that was shown.
 */
export async function signStatement(
  statement: ConsentStatement,
  view: ConsentView,
  signer: SigningKey,
): Promise<string> {
  const { artefact } = view;
  const same =
    statement.artefactDigest === (await canonicalDigest(artefact)) &&
    statement.consentId === artefact.consentId &&
    statement.channel === artefact.channel &&
    statement.enterprise === artefact.enterprise;
  if (!same) throw new Refusal('What is to be signed is not what was shown. Nothing is signed.');
  return signCanonical(statement, statementType, signer);
}
