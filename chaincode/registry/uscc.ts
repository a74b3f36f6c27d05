const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;

/**
 * Whether a text is a Unified Social Credit Code: 18 characters of its alphabet, the last one the check character of
 * GB 32100-2015 (weights 3^i mod 31).
 */
export function isUscc(text: string): boolean {
  return text.length === 18 && checkCharacter(text.slice(0, 17)) === text[17];
}

/** The check character for the first 17; undefined where they are not 17 characters of the alphabet. */
export function checkCharacter(first17: string): string | undefined {
  if (first17.length !== weights.length) return undefined;
  let sum = 0;
  for (const [index, weight] of weights.entries()) {
    const value = alphabet.indexOf(first17.charAt(index));
    if (value < 0) return undefined;
    sum += value * weight;
  }
  return alphabet[(31 - (sum % 31)) % 31];
}
