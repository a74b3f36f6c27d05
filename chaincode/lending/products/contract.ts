import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { pageOfIndex } from '../../ledger/documents';
import { check, parseInput } from '../../ledger/parse';
import { GetProductInput, ListProductsInput, ResumeInput, SuspendInput, type ProductView } from './model';
import { resume, suspend } from './publish';
import { latestProduct, loadProduct, productIndex, stopOf } from './store';

const inputs = {
  get: check(GetProductInput),
  list: check(ListProductsInput),
  suspend: check(SuspendInput),
  resume: check(ResumeInput),
} as const;

/** The bank's loan products. They are published by two officers (`approvals`, PUBLISH_PRODUCT) and seen by everybody. */
export class ProductsContract extends Contract {
  constructor() {
    super('products');
  }

  /** The regulator stops new business in a product. Endorsed by the regulator alone. Event ProductSuspended. */
  @Transaction()
  async Suspend(ctx: Context, input: string): Promise<string> {
    const { code, reason } = parseInput(input, inputs.suspend);
    await suspend(ctx, code, reason);
    return '';
  }

  /** The regulator ends a suspension. Endorsed by the regulator alone. Event ProductResumed. */
  @Transaction()
  async Resume(ctx: Context, input: string): Promise<string> {
    await resume(ctx, parseInput(input, inputs.resume).code);
    return '';
  }

  /** A ProductView, of the latest version unless one is named. */
  @Transaction(false)
  async Get(ctx: Context, input: string): Promise<string> {
    const { code, version } = parseInput(input, inputs.get);
    const stored =
      version === undefined ? await latestProduct(ctx, code) : await loadProduct(ctx, { code, version });
    return canonicalJson({ ...stored, stop: await stopOf(ctx, code) } satisfies ProductView);
  }

  /** A page of ProductView, each in its latest version. */
  @Transaction(false)
  async List(ctx: Context, input: string): Promise<string> {
    const { keys, bookmark } = await pageOfIndex(ctx, productIndex, [], parseInput(input, inputs.list));
    const items: ProductView[] = [];
    for (const [code = ''] of keys)
      items.push({ ...(await latestProduct(ctx, code)), stop: await stopOf(ctx, code) });
    return canonicalJson({ items, bookmark });
  }
}
