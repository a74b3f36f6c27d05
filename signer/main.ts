import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAcceptanceCommands } from './acceptance-command';
import { Declined, keyOption, passphraseOption, print, tell, type KeyOptions } from './command';
import { addConsentCommands } from './consent-command';
import { createKeyFile, parseKeyFile } from './keyfile';
import { addPaymentCommands } from './payment-command';
import { Refusal } from './refusal';
import { askPassphrase, readText } from './terminal';

/** `enterprise-signer`: a signatory's keys and signatures, in a process of its own that talks to nobody. */

const exits = { refused: 1, usage: 2, declined: 3 } as const;

async function create({ key, passphraseFile }: KeyOptions): Promise<void> {
  const passphrase = await askPassphrase(passphraseFile, 'New passphrase: ');
  if (passphraseFile === undefined && passphrase !== (await askPassphrase(undefined, 'Again: '))) {
    throw new Refusal('The passphrases differ.');
  }
  const file = await createKeyFile(passphrase);
  try {
    // A key is never overwritten: what was signed with it is worth its keeping.
    writeFileSync(key, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Refusal(`Cannot write ${key}: ${error instanceof Error ? error.message : ''}`);
  }
  print(JSON.stringify({ signatory: file.signatory, jwk: file.jwk }));
}

function showPublic({ key }: KeyOptions): void {
  const { signatory, jwk } = parseKeyFile(readText(key));
  print(JSON.stringify({ signatory, jwk }));
}

function program(): Command {
  const command = new Command('enterprise-signer')
    .description(
      "Keeps a signatory's key and signs statements about consents, orders about the enterprise's money and loan sheets. " +
        'It shows in plain words what is asked and signs only that. It uses no network.',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 refused (the reason is said), 2 wrong usage, 3 not confirmed.\n' +
        'Words go to standard error; keys and signatures to standard output.',
    )
    .exitOverride();
  command
    .command('create')
    .description('make a P-256 key, encrypted under a passphrase; prints signatory id and public key')
    .addOption(keyOption())
    .addOption(passphraseOption())
    .action(create);
  command
    .command('public')
    .description('print signatory id and public key, as the registering department enrols them')
    .addOption(keyOption())
    .action(showPublic);
  addConsentCommands(command);
  addPaymentCommands(command);
  addAcceptanceCommands(command);
  return command;
}

async function main(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : exits.usage;
    } else if (error instanceof Declined) {
      tell(['Not signed.']);
      process.exitCode = exits.declined;
    } else if (error instanceof Refusal) {
      tell([`Refused: ${error.message}`]);
      process.exitCode = exits.refused;
    } else {
      tell([`Failed: ${error instanceof Error ? error.message : String(error)}`]);
      process.exitCode = exits.refused;
    }
  }
}

void main();
