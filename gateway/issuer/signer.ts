import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { canonicalJson, sha256 } from '../../chaincode/ledger/canonical';

/**
 * Signs in an issuer's name, ES256. A department's key may lie in a file or in a hardware module: whoever implements
 * this never hands the key out.
 */
export interface IssuerSigner {
  /** `department:<id>` or `enterprise:<USCC>`. */
  readonly issuer: string;
  /** Names the key in consortium state, or the signatory of office `RECORDS` in the enterprise's entry. */
  readonly kid: string;
  /** Signature over the bytes of `input` in JOSE form (r ‖ s), base64url. */
  sign(input: string): Promise<string>;
}

/** An {@link IssuerSigner} over a private key in memory. */
class KeySigner implements IssuerSigner {
  readonly #key: KeyObject;

  public constructor(
    public readonly issuer: string,
    public readonly kid: string,
    key: KeyObject,
  ) {
    this.#key = key;
  }

  public sign(input: string): Promise<string> {
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return Promise.resolve(signature.toString('base64url'));
  }
}

/** A signer from a private JWK (EC, P-256); the key's id is the JWK's `kid`, or else its thumbprint (RFC 7638). */
export async function signerOf(issuer: string, jwk: JWK): Promise<IssuerSigner> {
  return Promise.resolve(signerFrom(issuer, jwk));
}

/**
 * Reads an issuer's private JWK from its file.
 *
 * @throws where the file is missing, no JSON, or no private P-256 key; the message names the file and nothing of the key.
 */
export function readSigner(issuer: string, file: string): IssuerSigner {
  const text = readFileSync(file, 'utf8');
  let jwk: JWK;
  try {
    jwk = JSON.parse(text) as JWK;
  } catch {
    throw new Error(`${file} is no JSON Web Key`);
  }
  return signerFrom(issuer, jwk);
}

/** As {@link readSigner}. */
export async function loadSigner(issuer: string, file: string): Promise<IssuerSigner> {
  return Promise.resolve(readSigner(issuer, file));
}

function signerFrom(issuer: string, jwk: JWK): IssuerSigner {
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || jwk.d === undefined)
    throw new Error(`the key of ${issuer} is not a private P-256 key`);
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  return new KeySigner(issuer, jwk.kid ?? thumbprint(key), key);
}

/** RFC 7638: SHA-256 over the required members in lexical order, which is what canonical JSON writes. */
function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return sha256(canonicalJson({ crv, kty, x, y }));
}

/** Compact JWS (RFC 7515) of an exact payload, ES256, with the signer's `kid` and the given `typ`. */
export async function signPayload(signer: IssuerSigner, typ: string, payload: string): Promise<string> {
  const header = JSON.stringify({ alg: 'ES256', kid: signer.kid, typ });
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${await signer.sign(input)}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
