import { Option, type Command } from 'commander';
import type { ConsentAction, ConsentView } from '../chaincode/sharing/model';
import {
  keyOption,
  languageOption,
  passphraseOption,
  print,
  showAndSign,
  type LanguageOptions,
  type SignOptions,
} from './command';
import { spoken } from './language';
import type { Catalogue } from './languages/catalogue';
import { parseKeyFile } from './keyfile';
import { parseConsent, prepareStatement, signStatement } from './statement';
import { readText } from './terminal';
import { describeAction, describeConsent, describeStanding } from './words';

const actions: readonly ConsentAction[] = ['GRANT', 'REJECT', 'PAUSE', 'RESUME', 'REVOKE'];

interface Options extends SignOptions, LanguageOptions {
  readonly action: ConsentAction;
  readonly consent: string;
}

const describe = (view: ConsentView, words: Catalogue): string[] => [
  ...describeConsent(view.artefact, words),
  ...describeStanding(view, words),
  words.line(words.fingerprint, view.digest),
];

async function show(path: string, { language }: LanguageOptions): Promise<void> {
  const view = await parseConsent(readText(path));
  print(spoken(language, (words) => describe(view, words)).join('\n'));
}

async function sign(options: Options): Promise<void> {
  const view = await parseConsent(readText(options.consent));
  const file = parseKeyFile(readText(options.key));
  const statement = prepareStatement(view, options.action, file.signatory, new Date().toISOString());
  const lines = spoken(options.language, (words) => [
    ...describe(view, words),
    '',
    words.line(options.action, describeAction(options.action, words)),
  ]);
  await showAndSign(options, lines, (signer) => signStatement(statement, view, signer), file);
}

/** Adds `show` and `sign`: statements about consents. */
export function addConsentCommands(program: Command): void {
  program
    .command('show <consent>')
    .description('say in plain words what a consent (a file, or - for standard input) asks')
    .addOption(languageOption())
    .action(show);
  program
    .command('sign')
    .description('sign a statement about a consent and print it as a compact JWS')
    .addOption(
      new Option('--action <action>', 'what to say about the consent').choices(actions).makeOptionMandatory(),
    )
    .addOption(
      new Option('--consent <file>', 'the consent as the gateway serves it, or -').makeOptionMandatory(),
    )
    .addOption(languageOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .option('--yes', 'do not ask for confirmation')
    .action(sign);
}
