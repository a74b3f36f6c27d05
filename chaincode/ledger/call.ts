import type { Context } from 'fabric-contract-api';
import { canonicalJson } from './canonical';
import { ContractError, parseErrorText } from './errors';

/**
 * Asks a chaincode on another channel and parses its answer. Fabric reads there and records nothing: the answer is not
 * in this transaction's read set and is not checked again at commit. **Every caller says in a comment why that is safe
 * where it relies on it.** What the callee writes on another channel vanishes silently, so only evaluating functions may
 * be called.
 *
 * @throws ContractError the callee's own where it refused, `CALLEE_FAILED` otherwise.
 */
export async function callChaincode<T>(
  ctx: Context,
  chaincode: string,
  transaction: string,
  input: unknown,
  channel: string,
): Promise<T> {
  const response = await ctx.stub.invokeChaincode(chaincode, [transaction, canonicalJson(input)], channel);
  // A callee's error is an answer with a status, not an exception.
  if (response.status !== 200) {
    const refusal = parseErrorText(response.message ?? '');
    if (refusal !== undefined) throw new ContractError(refusal.code, refusal.reason, refusal.field);
    throw new ContractError('CALLEE_FAILED', `${chaincode}.${transaction} on ${channel} did not answer`);
  }
  if (response.payload === undefined || response.payload.length === 0)
    throw new ContractError('CALLEE_FAILED', `${chaincode}.${transaction} on ${channel} answered nothing`);
  return JSON.parse(Buffer.from(response.payload).toString('utf8')) as T;
}
