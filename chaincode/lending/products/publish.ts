import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import {
  addToIndex,
  emit,
  exists,
  readDocument,
  requireDocument,
  writeDocument,
} from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { setKeyPolicy } from '../../ledger/policies';
import { executorOf, type Executors } from '../approvals/executor';
import { isSupervisor, mspsOf, situationOf, type Situation } from '../../registry/situation';
import { Product, type ProductStop, type StoredProduct } from './model';
import { checkProduct } from './rules';
import { checks, keys, productIndex } from './store';

/**
 * Two officers publish a version. The first also creates the key by which the regulator can suspend the product, under the
 * regulator's own policy.
 */
async function publish(
  ctx: Context,
  situation: Situation,
  product: Product,
  proposalId: string,
): Promise<void> {
  await admit(ctx, product);
  const { code, version } = product;
  const stored: StoredProduct = {
    product,
    digest: digestOf(product),
    publishedAt: situation.time.instant,
    proposalId,
  };
  await writeDocument(ctx, keys.product(product), stored);
  await writeDocument(ctx, keys.head(code), { code, version });
  if (version > 1) return;
  await addToIndex(ctx, productIndex, [code]);
  await writeDocument(ctx, keys.stop(code), { code, state: 'OPEN' } satisfies ProductStop);
  const regulators = mspsOf(situation.evidence, 'regulator');
  // Without a regulator in the consortium nobody has this right; the channel's policy then guards the key.
  if (regulators.length > 0)
    await setKeyPolicy(
      ctx,
      keys.stop(code),
      regulators.map((msp) => [msp]),
    );
}

/** @throws ContractError `INVALID_INPUT`, `VERSION_CONFLICT`, `ALREADY_EXISTS`. */
async function admit(ctx: Context, product: Product): Promise<void> {
  checkProduct(product);
  if (await exists(ctx, keys.product(product)))
    throw new ContractError('ALREADY_EXISTS', 'this version is published', 'content.version');
  const head = await readDocument(ctx, keys.head(product.code), checks.head);
  if (product.version !== (head?.version ?? 0) + 1)
    throw new ContractError(
      'VERSION_CONFLICT',
      `the version published is ${head?.version ?? 0}`,
      'content.version',
    );
}

/** What two persons of the bank decide about products. */
export const executors: Executors = {
  PUBLISH_PRODUCT: executorOf<Product>({
    makers: ['credit-officer'],
    checkers: ['approver'],
    content: check(Product),
    admit: (ctx, _situation, product) => admit(ctx, product),
    execute: (ctx, situation, product, { proposalId }) => publish(ctx, situation, product, proposalId),
  }),
};

/** @throws ContractError `UNAUTHORISED_ROLE` unless a supervisor of the regulator calls. */
async function requireSupervisor(ctx: Context): Promise<Situation> {
  const situation = await situationOf(ctx);
  if (!isSupervisor(situation))
    throw new ContractError('UNAUTHORISED_ROLE', "this takes the regulator's supervisor");
  return situation;
}

/** The regulator stops new business in a product, with its own endorsement alone; what runs is not touched. */
export async function suspend(ctx: Context, code: string, reason: string): Promise<void> {
  const { time } = await requireSupervisor(ctx);
  await requireDocument(ctx, keys.head(code), checks.head);
  const stop: ProductStop = { code, state: 'SUSPENDED', reason, at: time.instant };
  await writeDocument(ctx, keys.stop(code), stop);
  emit(ctx, 'ProductSuspended', { code });
}

/** The regulator lets a product go on. */
export async function resume(ctx: Context, code: string): Promise<void> {
  const { time } = await requireSupervisor(ctx);
  await requireDocument(ctx, keys.head(code), checks.head);
  await writeDocument(ctx, keys.stop(code), { code, state: 'OPEN', at: time.instant } satisfies ProductStop);
  emit(ctx, 'ProductResumed', { code });
}
