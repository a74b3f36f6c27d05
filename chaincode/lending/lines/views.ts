import type { Context } from 'fabric-contract-api';
import type { Static } from 'typebox';
import { pageOfIndex, type Paged } from '../../ledger/documents';
import { toFen } from '../../ledger/money';
import { situationOf } from '../../registry/situation';
import { signedLoan } from '../applications/loan';
import { publishedFor } from '../applications/published';
import { costOf } from '../applications/sheet';
import { businessDateOf, valueDateOf } from '../days/business-date';
import { loadProduct } from '../products/store';
import { listedFor, requireSight } from '../situation';
import { positionsOf } from './draw';
import type {
  CreditLine,
  CreditLineView,
  Drawdown,
  DrawQuote,
  DrawQuoteInput,
  ListDrawdownsInput,
  ListLinesInput,
} from './model';
import { availableOf, drawTerms, requireTerm, usedOf } from './rules';
import { drawdownIndex, lineIndex, loadDrawdown, loadLine } from './store';

/** What is evaluated and never submitted: for the borrower, the bank's staff and the supervisor. */

async function viewOf(ctx: Context, line: CreditLine): Promise<CreditLineView> {
  const positions = (await positionsOf(ctx, line)).map(({ position }) => position);
  return {
    line,
    used: toFen(usedOf(positions)),
    available: line.state === 'OPEN' ? toFen(availableOf(line, positions)) : '0',
  };
}

async function seen(ctx: Context, lineId: string): Promise<CreditLine> {
  const line = await loadLine(ctx, lineId);
  requireSight(await situationOf(ctx), line.enterprise);
  return line;
}

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getLine(ctx: Context, lineId: string): Promise<CreditLineView> {
  return viewOf(ctx, await seen(ctx, lineId));
}

/** A page of an enterprise's lines, by default the caller's own. @throws ContractError `NOT_YOUR_RECORD`. */
export async function listLines(
  ctx: Context,
  { enterprise, ...page }: Static<typeof ListLinesInput>,
): Promise<Paged<CreditLineView>> {
  const situation = await situationOf(ctx);
  const { keys, bookmark } = await pageOfIndex(ctx, lineIndex, listedFor(situation, enterprise), page);
  const items: CreditLineView[] = [];
  for (const [, lineId = ''] of keys) items.push(await viewOf(ctx, await loadLine(ctx, lineId)));
  return { items, bookmark };
}

/** @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function getDrawdown(ctx: Context, lineId: string, loanId: string): Promise<Drawdown> {
  await seen(ctx, lineId);
  return loadDrawdown(ctx, lineId, loanId);
}

/** A page of what was ordered on a line. @throws ContractError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
export async function listDrawdowns(
  ctx: Context,
  { lineId, ...page }: Static<typeof ListDrawdownsInput>,
): Promise<Paged<Drawdown>> {
  await seen(ctx, lineId);
  const { keys, bookmark } = await pageOfIndex(ctx, drawdownIndex, [lineId], page);
  const items: Drawdown[] = [];
  for (const [, loanId = ''] of keys) items.push(await loadDrawdown(ctx, lineId, loanId));
  return { items, bookmark };
}

/**
 * What a drawdown of today would cost: its schedule, fees and all-in annual rate, before anybody signs it.
 *
 * @throws ContractError NOT_FOUND, NOT_YOUR_RECORD, STATE_CONFLICT, OFFER_EXPIRED, PRODUCT_LIMIT_EXCEEDED,
 * RATE_CEILING_EXCEEDED, REFERENCE_MISSING.
 */
export async function quoteDraw(ctx: Context, asked: DrawQuoteInput): Promise<DrawQuote> {
  const { lineId } = await seen(ctx, asked.lineId);
  const validOn = valueDateOf(await businessDateOf(ctx));
  const { sheet } = (await signedLoan(ctx, lineId, 'ACTIVE', validOn)).offer;
  const { product } = await loadProduct(ctx, sheet.product);
  requireTerm(sheet, product, asked.termMonths, 'termMonths');
  const terms = drawTerms(sheet, asked, validOn);
  const { allInAnnualRate, totalFees, schedule } = costOf(product, terms, await publishedFor(ctx, product));
  return {
    lineId,
    validOn,
    allInAnnualRate: allInAnnualRate.toFixed(),
    fees: toFen(totalFees),
    schedule: schedule.map(({ number, dueDate, principal, interest, total }) => ({
      ...{ number, dueDate, principal, interest, total },
    })),
  };
}
