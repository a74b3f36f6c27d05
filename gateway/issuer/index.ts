export { claimsOf, disclosedField, fieldsOf, issueRecord, typeOf } from './credential';
export type { IssuedRecord, RecordDraft } from './credential';
export { loadIssuers } from './issuers';
export type { LocalIssuer, LocalIssuers } from './issuers';
export { IssuerSecrets, handleYear } from './secrets';
export type { RecordKey } from './secrets';
export { loadSigner, signPayload, signerOf } from './signer';
export type { IssuerSigner } from './signer';
export { signCompleteness, signEnterprise } from './statements';
