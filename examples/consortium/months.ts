/** Months as whole numbers: year × 12 + month − 1. */
export type Month = number;

export const monthOf = (year: number, month: number): Month => year * 12 + month - 1;
export const yearOf = (month: Month): number => Math.floor(month / 12);
/** January is 0. */
export const indexInYear = (month: Month): number => month % 12;

/** Months from the first to the last, both included. */
export const months = (first: Month, last: Month): Month[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A day of a month, `YYYY-MM-DD`. */
export function day(month: Month, ofMonth: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${yearOf(month)}-${pad(indexInYear(month) + 1)}-${pad(ofMonth)}`;
}

/** Last day of a month, `YYYY-MM-DD`. */
export function lastDay(month: Month): string {
  return new Date(Date.UTC(yearOf(month), indexInYear(month) + 1, 0)).toISOString().slice(0, 10);
}

/** The sample's window: what the agencies' extracts cover. */
export const firstMonth = monthOf(2024, 11);
export const lastMonth = monthOf(2026, 10);
/** Books go back to the first annual statement. */
export const firstBookMonth = monthOf(2024, 1);
