import type { Catalogue } from './languages/catalogue';
import { en } from './languages/en';
import { zh } from './languages/zh';

/** Languages that the signer speaks. */
export const catalogues = { en, zh } as const satisfies Readonly<Record<string, Catalogue>>;

/** What can be chosen: one language, or both, one after the other. */
export const languages = ['en', 'zh', 'both'] as const;
export type Language = (typeof languages)[number];

/** The words in the language chosen; in both, with an empty line between. Pure. */
export function spoken(language: Language, say: (words: Catalogue) => readonly string[]): string[] {
  if (language !== 'both') return [...say(catalogues[language])];
  return [...say(en), '', ...say(zh)];
}
