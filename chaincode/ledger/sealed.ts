import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Context } from 'fabric-contract-api';
import { canonicalJson } from './canonical';
import { ContractError } from './errors';
import { transientText } from './parse';

/** Name of the transient entry: 32 random bytes in base64url, made by the client for this one call. */
export const responseKeyEntry = 'responseKey';

/** Answer of a private read. All members are base64url. */
export interface SealedResponse {
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/**
 * Encrypts the answer of a private read (AES-256-GCM) under the one-time key that the client sent as transient data.
 * Chaincode cannot tell an evaluation from a submission, and a submitted answer is on the ledger for every member: it is
 * ciphertext then. The IV comes from the transaction id, as chaincode has no randomness; the key is used once.
 *
 * @throws ContractError `RESPONSE_KEY_REQUIRED` where the key is absent or not 32 bytes.
 */
export function sealResponse(ctx: Context, transaction: string, answer: unknown): string {
  const key = responseKey(ctx);
  const iv = createHash('sha256')
    .update(`${ctx.stub.getTxID()}\u0000${transaction}`)
    .digest()
    .subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const ciphertext = Buffer.concat([cipher.update(canonicalJson(answer), 'utf8'), cipher.final()]);
  return canonicalJson({
    iv: iv.toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
  } satisfies SealedResponse);
}

/**
 * Opens on the client what {@link sealResponse} closed.
 *
 * @param key the 32 bytes that were sent, base64url.
 * @throws Error where key and answer do not belong together or the answer was altered.
 */
export function openResponse(sealed: string, key: string): unknown {
  const { iv, ciphertext, tag } = JSON.parse(sealed) as SealedResponse;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(key, 'base64url'),
    Buffer.from(iv, 'base64url'),
    {
      authTagLength: 16,
    },
  );
  decipher.setAuthTag(Buffer.from(tag, 'base64url'));
  const text = Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64url')), decipher.final()]);
  return JSON.parse(text.toString('utf8'));
}

function responseKey(ctx: Context): Buffer {
  if (!ctx.stub.getTransient().has(responseKeyEntry))
    throw new ContractError('RESPONSE_KEY_REQUIRED', 'send 32 random bytes', responseKeyEntry);
  const text = transientText(ctx, responseKeyEntry);
  if (!/^[A-Za-z0-9_-]{43}$/.test(text))
    throw new ContractError('RESPONSE_KEY_REQUIRED', 'is not 32 bytes in base64url', responseKeyEntry);
  return Buffer.from(text, 'base64url');
}
