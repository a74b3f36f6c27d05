import { CompactSign, compactVerify, importJWK } from 'jose';
import { base64url, canonicalBytes } from './digest';
import type { SigningKey } from './keyfile';
import { Refusal } from './refusal';

/** A nonce: 16 random bytes. */
export function newNonce(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

/**
 * Signs a statement of any kind as a compact JWS (ES256) over its canonical form, and looks at the result again: the bytes
 * that were signed have to be those of what was shown.
 *
 * @param typ kind of statement, under the signature: a signature of one kind is worth nothing as another.
 * @throws Refusal where they are not.
 */
export async function signCanonical(statement: object, typ: string, signer: SigningKey): Promise<string> {
  const shown = canonicalBytes(statement);
  const jws = await new CompactSign(shown)
    .setProtectedHeader({ alg: 'ES256', kid: signer.signatory, typ })
    .sign(signer.key);
  const { payload } = await compactVerify(jws, await importJWK(signer.jwk, 'ES256'), {
    algorithms: ['ES256'],
  });
  const same = payload.length === shown.length && payload.every((byte, index) => byte === shown[index]);
  if (!same) throw new Refusal('What was signed is not what was shown. Nothing is handed out.');
  return jws;
}
