import { Option } from 'commander';
import { languages, type Language } from './language';
import { parseKeyFile, unlock, type KeyFile, type SigningKey } from './keyfile';
import { askPassphrase, confirm, readText } from './terminal';

/** What the commands of all kinds of statements share. */

/** The person did not confirm. */
export class Declined extends Error {}

/** Options that name a key. */
export interface KeyOptions {
  readonly key: string;
  readonly passphraseFile?: string;
}

/** Options of every command that says something in words. */
export interface LanguageOptions {
  readonly language: Language;
}

/** Options of every command that signs. */
export interface SignOptions extends KeyOptions {
  readonly yes?: true;
}

/** Writes what the command was called for: a key, a signature, words that were asked for. */
export const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Tells the person something beside it. */
export const tell = (lines: readonly string[]): void => void process.stderr.write(`${lines.join('\n')}\n`);

export const keyOption = (): Option => new Option('--key <file>', 'key file').makeOptionMandatory();

export const languageOption = (): Option =>
  new Option('--language <language>', 'language of the words').choices(languages).default('en');

export const passphraseOption = (): Option =>
  new Option('--passphrase-file <file>', 'first line is the passphrase; without it, it is asked for');

/**
 * Shows what is to be signed, asks, unlocks the key, signs and prints the signature: in this order for every kind of
 * statement.
 *
 * @param words what is signed and what it does, line by line.
 * @throws Declined where the person does not say yes; Refusal where the key cannot be unlocked or the signing refuses.
 */
export async function showAndSign(
  options: SignOptions,
  words: readonly string[],
  sign: (signer: SigningKey) => Promise<string>,
  file: KeyFile = parseKeyFile(readText(options.key)),
): Promise<void> {
  tell(words);
  if (options.yes !== true && !(await confirm(''))) throw new Declined();
  print(await sign(await unlock(file, await askPassphrase(options.passphraseFile))));
}
