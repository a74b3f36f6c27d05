import { canonicalJson } from '../../chaincode/ledger/canonical';
import { enterpriseEntryType } from '../../chaincode/registry/enterprises';
import { completenessType } from '../../chaincode/sharing/completeness';
import type { Completeness } from '../../chaincode/sharing/model';
import type { Enterprise, SignedEnterprise } from '../../chaincode/registry/model';
import { answersType, type DerivedAnswers } from '../../chaincode/sharing/questions/model';
import { signPayload, type IssuerSigner } from './signer';

/**
 * The issuer's signed statement of what it holds in a request's range and how that relates to what it delivers.
 *
 * @throws where the statement is not in the signer's name.
 */
export async function signCompleteness(signer: IssuerSigner, statement: Completeness): Promise<string> {
  if (statement.issuer !== signer.issuer)
    throw new Error(`${signer.issuer} cannot sign for ${statement.issuer}`);
  return signPayload(signer, completenessType, canonicalJson(statement));
}

/**
 * The issuer's signed answers to the questions of a request.
 *
 * @throws where they are not in the signer's name.
 */
export async function signAnswers(signer: IssuerSigner, answers: DerivedAnswers): Promise<string> {
  if (answers.issuer !== signer.issuer) throw new Error(`${signer.issuer} cannot sign for ${answers.issuer}`);
  return signPayload(signer, answersType, canonicalJson(answers));
}

/**
 * Signs an enterprise's entry as its registering department, as `PutEnterprise` takes it.
 *
 * @throws where the entry names another department.
 */
export async function signEnterprise(signer: IssuerSigner, entry: Enterprise): Promise<SignedEnterprise> {
  if (entry.registeredBy !== signer.issuer)
    throw new Error(`${signer.issuer} cannot register for ${entry.registeredBy}`);
  return { entry, signature: await signPayload(signer, enterpriseEntryType, canonicalJson(entry)) };
}
