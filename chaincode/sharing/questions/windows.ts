import { addDays, addMonths } from '../../ledger/calendar';
import type { Period } from '../../ledger/schemas';
import type { ConsentQuestion } from './model';

/** Whether a date is the last day of a calendar quarter. */
export function endsQuarter(day: string): boolean {
  const next = addDays(day, 1);
  return next.endsWith('-01') && (Number(next.slice(5, 7)) - 1) % 3 === 0;
}

/** The last so many months up to a last day of a quarter. */
export function lastMonths(to: string, months: number): Period {
  const next = addDays(to, 1);
  return { from: addMonths(next, -months), to };
}

/** The windows whose sums a question uses: one, and for TREND the one before it first. */
export function windowsOf(
  { measure, months }: Pick<ConsentQuestion, 'measure' | 'months'>,
  to: string,
): readonly Period[] {
  const window = lastMonths(to, months);
  return measure === 'TREND' ? [lastMonths(addDays(window.from, -1), months), window] : [window];
}

/** All the time that a question looks at. */
export function spanOf(question: Pick<ConsentQuestion, 'measure' | 'months'>, to: string): Period {
  const [first] = windowsOf(question, to);
  return { from: first?.from ?? to, to };
}
