import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { PublicJwk } from '../../chaincode/ledger/schemas';
import { departmentIdentity } from '../../network/set-up/identities';
import type { SigningKey } from '../../signer/keyfile';

/** Who plays in the scenario: identities of the sample consortium, and signatories with keys of their own. */

/** Who acts: an identity of an organisation's wallet, over the organisation's own peer. */
export interface Actor {
  readonly organisation: string;
  readonly identity: string;
}

export const officer: Actor = { organisation: 'bank-a', identity: 'credit-officer' };
export const approver: Actor = { organisation: 'bank-a', identity: 'approver' };
export const treasurer: Actor = { organisation: 'bank-a', identity: 'treasurer' };
export const servicer: Actor = { organisation: 'bank-a', identity: 'servicer' };
export const purger: Actor = { organisation: 'bank-a', identity: 'purge-agent' };
export const otherOfficer: Actor = { organisation: 'bank-b', identity: 'credit-officer' };
export const platform: Actor = { organisation: 'enterprise', identity: 'platform-agent' };
export const supervisor: Actor = { organisation: 'regulator', identity: 'supervisor' };
export const attester: Actor = {
  organisation: 'tax',
  identity: departmentIdentity('attester', 'tax-shanghai'),
};
export const agent: Actor = {
  organisation: 'tax',
  identity: departmentIdentity('release-agent', 'tax-shanghai'),
};
export const registrar: Actor = {
  organisation: 'market-regulation',
  identity: departmentIdentity('registrar', 'amr-shanghai'),
};

export const bankMsp = 'BankAMSP';
export const enterpriseMsp = 'EnterpriseMSP';
export const taxMsp = 'TaxMSP';
export const regulatorMsp = 'RegulatorMSP';
export const channel = 'sharing-bank-a';
export const issuer = 'department:tax-shanghai';
export const fields = ['filingStatus', 'sales', 'taxPaid'];

/** A signatory with the key that only it has. */
export interface Signer extends SigningKey {
  readonly signatory: string;
  readonly jwk: PublicJwk;
}

export interface Enterprise {
  readonly uscc: string;
  readonly owner: Actor;
  readonly signers: readonly Signer[];
}

export const randomId = (): string => randomBytes(32).toString('base64url');

export async function newSigner(signatory = randomBytes(24).toString('base64url')): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  return { signatory, jwk: { kty, crv, x, y } as PublicJwk, key: privateKey };
}
