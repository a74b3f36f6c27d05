import { Option, type Command } from 'commander';
import { keyOption, passphraseOption, print, showAndSign, type SignOptions } from './command';
import {
  describePaymentAction,
  describePaymentOrder,
  parsePaymentOrder,
  signPaymentOrder,
} from './payment-order';
import { readText } from './terminal';

interface Options extends SignOptions {
  readonly order: string;
}

function show(path: string): void {
  print(describePaymentOrder(parsePaymentOrder(readText(path))).join('\n'));
}

async function sign(options: Options): Promise<void> {
  const order = parsePaymentOrder(readText(options.order));
  const words = [...describePaymentOrder(order), '', describePaymentAction(order.action)];
  await showAndSign(options, words, (signer) => signPaymentOrder(order, signer, new Date().toISOString()));
}

/** Adds `show-order` and `sign-order`: orders about the enterprise's money. */
export function addPaymentCommands(program: Command): void {
  program
    .command('show-order <order>')
    .description('say in plain words what a payment order (a file, or - for standard input) does')
    .action(show);
  program
    .command('sign-order')
    .description('sign a payment order and print it as a compact JWS')
    .addOption(
      new Option('--order <file>', 'the order as JSON, as the gateway takes it, or -').makeOptionMandatory(),
    )
    .addOption(keyOption())
    .addOption(passphraseOption())
    .option('--yes', 'do not ask for confirmation')
    .action(sign);
}
