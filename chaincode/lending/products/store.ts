import type { Context } from 'fabric-contract-api';
import { digestOf } from '../../ledger/canonical';
import { readDocument, requireDocument } from '../../ledger/documents';
import { ContractError } from '../../ledger/errors';
import { check } from '../../ledger/parse';
import { ProductHead, ProductStop, StoredProduct, type Product, type ProductReference } from './model';

/** Keys of the channel's public state. */
export const keys = {
  product: ({ code, version }: ProductReference) => `product~${code}~${version}`,
  head: (code: string) => `product-head~${code}`,
  stop: (code: string) => `product-stop~${code}`,
} as const;

/** Index of composite keys: the codes of all products. */
export const productIndex = 'product';

export const checks = {
  stored: check(StoredProduct),
  head: check(ProductHead),
  stop: check(ProductStop),
} as const;

/** A published version. @throws ContractError `NOT_FOUND`; `STATE_INVALID` where it contradicts itself. */
export async function loadProduct(ctx: Context, reference: ProductReference): Promise<StoredProduct> {
  const found = await requireDocument(ctx, keys.product(reference), checks.stored);
  const { product, digest } = found;
  if (
    product.code !== reference.code ||
    product.version !== reference.version ||
    digestOf(product) !== digest
  )
    throw new ContractError('STATE_INVALID', 'the stored product contradicts itself', 'product');
  return found;
}

/** The latest version. @throws ContractError `NOT_FOUND`. */
export async function latestProduct(ctx: Context, code: string): Promise<StoredProduct> {
  const { version } = await requireDocument(ctx, keys.head(code), checks.head);
  return loadProduct(ctx, { code, version });
}

/**
 * Whether the regulator has stopped a product. Reading the key puts it into the read set: a suspension that commits first
 * makes the transaction invalid. What the key's owner made unreadable counts as a stop.
 */
export async function stopOf(ctx: Context, code: string): Promise<ProductStop> {
  const found = await readDocument(ctx, keys.stop(code), checks.stop);
  return found ?? { code, state: 'SUSPENDED' };
}

/** @throws ContractError `PRODUCT_NOT_OPEN` while the regulator has suspended a product. */
export async function requireOpen(ctx: Context, { code }: Product): Promise<void> {
  const { state } = await stopOf(ctx, code);
  if (state !== 'OPEN')
    throw new ContractError('PRODUCT_NOT_OPEN', 'the regulator has suspended the product', 'product');
}
