import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose';
import { jsonIn } from '../chaincode/ledger/json';
import { check } from '../chaincode/ledger/parse';
import { OpaqueId, PublicJwk, strict } from '../chaincode/ledger/schemas';
import { Type, type Static } from 'typebox';
import { base64url } from './digest';
import { Refusal } from './refusal';

/** A signatory's key as it lies in a file: the public part in clear, the private part under a passphrase. */
export const KeyFile = Type.Object(
  {
    kind: Type.Literal('enterprise-signer-key'),
    version: Type.Literal(1),
    signatory: OpaqueId,
    jwk: PublicJwk,
    /** Compact JWE (RFC 7516), PBES2: the private JWK. */
    encrypted: Type.String({ maxLength: 4096 }),
  },
  strict,
);
export type KeyFile = Static<typeof KeyFile>;

/** What the registering department enrols: no secret. */
export interface PublicSignatory {
  readonly signatory: string;
  readonly jwk: PublicJwk;
}

/** A key that was unlocked and can sign. */
export interface SigningKey extends PublicSignatory {
  readonly key: CryptoKey;
}

const keyFileCheck = check(KeyFile);

// What OWASP asks of PBKDF2 with HMAC-SHA-512 (2023). A reader accepts a bounded count: it is the file that states it.
const iterations = 210_000;
const mostIterations = 5_000_000;
const algorithm = 'PBES2-HS512+A256KW';
const leastPassphrase = 8;

/**
 * A new P-256 key with a random opaque id, encrypted under a passphrase.
 *
 * @throws Refusal where the passphrase is too short.
 */
export async function createKeyFile(passphrase: string): Promise<KeyFile> {
  if (passphrase.length < leastPassphrase) {
    throw new Refusal(`The passphrase must have at least ${leastPassphrase} characters.`);
  }
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined || d === undefined) {
    throw new Error('a P-256 key was expected');
  }
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  const encrypted = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ ...jwk, d })))
    .setProtectedHeader({ alg: algorithm, enc: 'A256GCM' })
    .setKeyManagementParameters({ p2c: iterations })
    .encrypt(new TextEncoder().encode(passphrase));
  const signatory = base64url(crypto.getRandomValues(new Uint8Array(16)));
  return { kind: 'enterprise-signer-key', version: 1, signatory, jwk, encrypted };
}

/** @throws Refusal where the text is no key file. */
export function parseKeyFile(text: string): KeyFile {
  const file = keyFileCheck.accept(jsonIn(text));
  if (!file) throw new Refusal('This is not a key file of the enterprise signer.');
  return file;
}

/**
 * Unlocks a key.
 *
 * @throws Refusal where the passphrase is wrong, or the private key is not the one that the file shows.
 */
export async function unlock(file: KeyFile, passphrase: string): Promise<SigningKey> {
  const { signatory, jwk } = file;
  const plaintext = await decrypt(file.encrypted, passphrase);
  const secret = jsonIn(plaintext) as Record<string, unknown> | undefined;
  if (secret?.x !== jwk.x || secret.y !== jwk.y || typeof secret.d !== 'string') {
    throw new Refusal('The key file was altered: its private key is not the one that it shows.');
  }
  const key = await importJWK({ ...jwk, d: secret.d }, 'ES256');
  if (key instanceof Uint8Array) throw new Error('an asymmetric key was expected');
  return { signatory, jwk, key };
}

async function decrypt(encrypted: string, passphrase: string): Promise<Uint8Array> {
  try {
    const { plaintext } = await compactDecrypt(encrypted, new TextEncoder().encode(passphrase), {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: ['A256GCM'],
      maxPBES2Count: mostIterations,
    });
    return plaintext;
  } catch {
    // jose cannot tell a wrong passphrase from an altered file, and neither can we.
    throw new Refusal('The passphrase is wrong, or the key file was altered.');
  }
}
