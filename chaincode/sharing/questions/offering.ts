import type { Context } from 'fabric-contract-api';
import { callChaincode } from '../../ledger/call';
import { ContractError } from '../../ledger/errors';
import { openResponse, responseKeyEntry, type SealedResponse } from '../../ledger/sealed';
import { transientText } from '../../ledger/parse';
import type { Evidence, HeldRecord } from '../../registry/model';
import { openCompleteness } from '../completeness';
import type { DataRequest, Delivery } from '../model';
import { deriveAnswers, recordsOfQuestions, requireSame } from './derive';
import type { ConsentQuestion } from './model';
import { openAnswers } from './statement';

const pageSize = 200;

/**
 * Computes the answers again from the records themselves, on the holder's own peer, which is the only one that has them and
 * the only one that endorses an offer. So an offer of answers stands for numbers that contract code computed from attested
 * records; neither the bank nor its peer sees the records.
 *
 * The read on the registry's channel is not in the read set. That is safe: a record that is superseded meanwhile fails the
 * release, which checks the anchors again.
 *
 * @throws ContractError `ANSWER_INVALID`, and what reading the records refuses.
 */
export async function requireComputed(
  ctx: Context,
  request: DataRequest,
  questions: readonly ConsentQuestion[],
  delivery: Delivery,
  evidence: Evidence,
): Promise<void> {
  const keys = evidence.issuers[request.issuer]?.keys ?? {};
  if (delivery.answers === undefined)
    throw new ContractError('ANSWER_INVALID', 'the questions are not answered', 'delivery.answers');
  const completeness = await openCompleteness(delivery.completeness, keys);
  const ids = recordsOfQuestions(completeness, questions);
  const held: HeldRecord[] = [];
  for (let start = 0; start < ids.length; start += pageSize)
    held.push(...(await readRecords(ctx, ids.slice(start, start + pageSize))));
  const computed = await deriveAnswers(request, questions, completeness, held, keys);
  requireSame(await openAnswers(delivery.answers, keys), computed);
}

/** Records of the caller's issuer, from its organisation's collection; sealed on the way, as every private read is. */
async function readRecords(ctx: Context, ids: readonly string[]): Promise<readonly HeldRecord[]> {
  const sealed = await callChaincode<SealedResponse>(ctx, 'registry', 'ReadRecords', { ids }, 'registry');
  return openResponse(JSON.stringify(sealed), transientText(ctx, responseKeyEntry)) as HeldRecord[];
}
