import { Option, type Command } from 'commander';
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
import {
  describePaymentAction,
  describePaymentOrder,
  parsePaymentOrder,
  signPaymentOrder,
} from './payment-order';
import { readText } from './terminal';

interface Options extends SignOptions, LanguageOptions {
  readonly order: string;
}

function show(path: string, { language }: LanguageOptions): void {
  const order = parsePaymentOrder(readText(path));
  print(spoken(language, (words) => describePaymentOrder(order, words)).join('\n'));
}

async function sign(options: Options): Promise<void> {
  const order = parsePaymentOrder(readText(options.order));
  const lines = spoken(options.language, (words) => [
    ...describePaymentOrder(order, words),
    '',
    describePaymentAction(order.action, words),
  ]);
  await showAndSign(options, lines, (signer) => signPaymentOrder(order, signer, new Date().toISOString()));
}

/** Adds `show-order` and `sign-order`: orders about the enterprise's money. */
export function addPaymentCommands(program: Command): void {
  program
    .command('show-order <order>')
    .description('say in plain words what a payment order (a file, or - for standard input) does')
    .addOption(languageOption())
    .action(show);
  program
    .command('sign-order')
    .description('sign a payment order and print it as a compact JWS')
    .addOption(
      new Option('--order <file>', 'the order as JSON, as the gateway takes it, or -').makeOptionMandatory(),
    )
    .addOption(languageOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .option('--yes', 'do not ask for confirmation')
    .action(sign);
}
