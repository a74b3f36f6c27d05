import type { Books, BookTo } from '../books/books';
import type { Entry } from '../engine/loan';

/**
 * Posts what the engine gives, each entry on its own value date.
 *
 * @param clearing where the loan's money comes from or goes to.
 * @throws what {@link Books.post} throws.
 */
export async function postEntries(
  books: Books,
  entries: readonly Entry[],
  clearing: () => BookTo,
): Promise<void> {
  for (const { date, lines } of entries)
    await books.post(
      lines.map(({ account, amount }) =>
        account === 'CLEARING' ? { ...clearing(), amount } : { code: account, amount },
      ),
      { date },
    );
}
