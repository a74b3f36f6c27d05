/**
 * Text of others made safe to show. Whatever could show something else than what is signed is shown by its number: control
 * and format characters (the direction of writing), other line breaks and spaces, a second space in a row (which could push
 * text to a line's start), characters that are invisible or pile on others, and letters and digits that look like those of
 * Latin. Left as they are: ASCII, Chinese characters and punctuation, and Latin letters with accents. Pure.
 */
export function plain(text: string): string {
  let before = '';
  return Array.from(text, (character) => {
    const shown = isPlain(character) && !(character === ' ' && before === ' ');
    before = character;
    return shown ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  }).join('');
}

/** After Unicode Technical Standard 39 (identifiers of few scripts), as narrow as names in Chinese and English allow. */
function isPlain(character: string): boolean {
  if (/^[\x20-\x7e]$/.test(character)) return true;
  if (/^(?:[\p{C}\p{M}\p{Z}\u2800]|\p{Default_Ignorable_Code_Point})$/u.test(character)) return false;
  if (/^\p{Script=Han}$/u.test(character)) return character === character.normalize('NFKC');
  if (/^[\p{L}\p{N}]$/u.test(character))
    return /^[\u00c0-\u017f]$/.test(character) && character !== 'ı' && character !== 'ſ';
  // Punctuation and signs that texts in Chinese and English use; what looks like ASCII in another place is not among them.
  return /^[·×÷§°±“”‘’–—…、。〈〉《》「」『』【】，；：？！（）％￥]$/.test(character);
}
