import { InvalidArgumentError, Option, type Command } from 'commander';
import { acceptanceMeaning, describeOffer, parseOffer, signAcceptance, usualDebit } from './acceptance';
import { keyOption, passphraseOption, print, showAndSign, type SignOptions } from './command';
import { readText } from './terminal';

interface DebitOptions {
  readonly debitCap?: string;
  readonly debitExpires?: string;
}

interface Options extends SignOptions, DebitOptions {
  readonly offer: string;
}

async function offerAndDebit(path: string, { debitCap, debitExpires }: DebitOptions) {
  const offer = await parseOffer(readText(path));
  const debit = {
    ...usualDebit(offer.sheet),
    ...(debitCap === undefined ? {} : { cap: debitCap }),
    ...(debitExpires === undefined ? {} : { expires: debitExpires }),
  };
  return { offer, debit };
}

async function show(path: string, options: DebitOptions): Promise<void> {
  const { offer, debit } = await offerAndDebit(path, options);
  print(describeOffer(offer, debit).join('\n'));
}

async function sign(options: Options): Promise<void> {
  const { offer, debit } = await offerAndDebit(options.offer, options);
  const words = [...describeOffer(offer, debit), '', acceptanceMeaning];
  await showAndSign(options, words, (signer) =>
    signAcceptance(offer, debit, signer, new Date().toISOString()),
  );
}

function matching(pattern: RegExp, message: string) {
  return (text: string): string => {
    if (!pattern.test(text)) throw new InvalidArgumentError(message);
    return text;
  };
}

const capOption = (): Option =>
  new Option(
    '--debit-cap <fen>',
    'most that one debit may take; the largest instalment by default',
  ).argParser(matching(/^[1-9][0-9]{0,17}$/, 'It must be an amount in fen.'));
const expiresOption = (): Option =>
  new Option(
    '--debit-expires <date>',
    'last day of the direct debit; the end of the year after the last instalment by default',
  ).argParser(matching(/^\d{4}-\d{2}-\d{2}$/, 'It must be a date.'));

/** Adds `show-offer` and `accept-offer`: the loan sheet that an enterprise signs. */
export function addAcceptanceCommands(program: Command): void {
  program
    .command('show-offer <offer>')
    .description('say in plain words what a loan offer (a file, or - for standard input) is')
    .addOption(capOption())
    .addOption(expiresOption())
    .action(show);
  program
    .command('accept-offer')
    .description('sign the sheet of a loan offer and the direct debit, and print it as a compact JWS')
    .addOption(new Option('--offer <file>', 'the offer as the gateway serves it, or -').makeOptionMandatory())
    .addOption(capOption())
    .addOption(expiresOption())
    .addOption(keyOption())
    .addOption(passphraseOption())
    .option('--yes', 'do not ask for confirmation')
    .action(sign);
}
