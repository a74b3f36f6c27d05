import type { Context } from 'fabric-contract-api';
import { emit } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { situationOf } from '../../registry/situation';
import { markRepaid } from '../applications/loan';
import { businessDateOf, valueDateOf } from '../days/business-date';
import { hasEnded } from '../loans/store';
import { isEnterprise, requireBankStaff } from '../situation';
import { positionsOf } from './draw';
import { loadLine, writeLine } from './store';

/**
 * Closes a line under which no loan runs: the borrower at any time, the bank once nothing can be drawn any more. The
 * application has ended with it where all was repaid. Event CreditLineClosed.
 *
 * @throws ContractError NOT_FOUND, UNAUTHORISED_ROLE; LINE_NOT_OPEN where it is closed; STATE_CONFLICT while a loan runs, or
 * the bank is bound.
 */
export async function closeLine(ctx: Context, lineId: string): Promise<void> {
  const line = await loadLine(ctx, lineId);
  const situation = await situationOf(ctx);
  if (!isEnterprise(situation, line.enterprise)) {
    requireBankStaff(situation, 'credit-officer');
    if (valueDateOf(await businessDateOf(ctx)) <= line.drawBy)
      throw new ContractError('STATE_CONFLICT', `the borrower may draw until ${line.drawBy}`, 'lineId');
  }
  if (line.state !== 'OPEN') throw new ContractError('LINE_NOT_OPEN', 'the credit line is closed', 'lineId');
  const positions = (await positionsOf(ctx, line)).map(({ position }) => position);
  if (!positions.every(hasEnded))
    throw new ContractError('STATE_CONFLICT', 'a loan of the credit line runs', 'lineId');
  await writeLine(ctx, { ...line, state: 'CLOSED' });
  if (positions.every(({ status }) => status === 'REPAID')) await markRepaid(ctx, lineId);
  emit(ctx, 'CreditLineClosed', { lineId });
}
