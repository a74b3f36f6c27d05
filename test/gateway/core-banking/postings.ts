import type { PostedBlock } from '../../../gateway/core-banking/adapter';

/** A block with as many entries as its number modulo 3. */
export function blockOf(block: number): PostedBlock {
  return {
    block,
    entries: Array.from({ length: block % 3 }, (_, index) => ({
      entryId: `order.${block}-${index}`,
      date: '2026-11-23',
      kind: 'ISSUE',
      reference: `block ${block}`,
      lines: [
        { date: '2026-11-23', code: 'CASH_AT_CORE', amount: '5' },
        { date: '2026-11-23', code: 'SUSPENSE', amount: '-5' },
      ],
    })),
  };
}
