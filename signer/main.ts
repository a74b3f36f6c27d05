#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { ConsentAction, ConsentView } from '../chaincode/sharing/model';
import { createKeyFile, parseKeyFile, unlock } from './keyfile';
import { Refusal } from './refusal';
import { parseConsent, prepareStatement, signStatement } from './statement';
import { askPassphrase, confirm, readText } from './terminal';
import { describeAction, describeConsent, describeStanding } from './words';

/** `enterprise-signer`: a signatory's keys and signatures, in a process of its own that talks to nobody. */

const exits = { refused: 1, usage: 2, declined: 3 } as const;

/** The person did not confirm. */
class Declined extends Error {}

const actions: readonly ConsentAction[] = ['GRANT', 'REJECT', 'PAUSE', 'RESUME', 'REVOKE'];

interface KeyOptions {
  readonly key: string;
  readonly passphraseFile?: string;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (lines: readonly string[]): void => void process.stderr.write(`${lines.join('\n')}\n`);

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

const describe = (view: ConsentView): string[] => [
  ...describeConsent(view.artefact),
  ...describeStanding(view),
  `Fingerprint:   ${view.digest}`,
];

async function show(path: string): Promise<void> {
  print(describe(await parseConsent(readText(path))).join('\n'));
}

interface SignOptions extends KeyOptions {
  readonly action: ConsentAction;
  readonly consent: string;
  readonly yes?: true;
}

async function sign(options: SignOptions): Promise<void> {
  const view = await parseConsent(readText(options.consent));
  const file = parseKeyFile(readText(options.key));
  const statement = prepareStatement(view, options.action, file.signatory, new Date().toISOString());
  tell([...describe(view), '', `${options.action}: ${describeAction(options.action)}`]);
  if (options.yes !== true && !(await confirm(''))) throw new Declined();
  const signer = await unlock(file, await askPassphrase(options.passphraseFile));
  print(await signStatement(statement, view, signer));
}

function program(): Command {
  const command = new Command('enterprise-signer')
    .description(
      "Keeps a signatory's key and signs statements about consents. It shows in plain words what is asked and signs only " +
        'that. It uses no network.',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 refused (the reason is said), 2 wrong usage, 3 not confirmed.\n' +
        'Words go to standard error; keys and signatures to standard output.',
    )
    .exitOverride();
  const key = (): Option => new Option('--key <file>', 'key file').makeOptionMandatory();
  const passphrase = (): Option =>
    new Option('--passphrase-file <file>', 'first line is the passphrase; without it, it is asked for');
  command
    .command('create')
    .description('make a P-256 key, encrypted under a passphrase; prints signatory id and public key')
    .addOption(key())
    .addOption(passphrase())
    .action(create);
  command
    .command('public')
    .description('print signatory id and public key, as the registering department enrols them')
    .addOption(key())
    .action(showPublic);
  command
    .command('show <consent>')
    .description('say in plain words what a consent (a file, or - for standard input) asks')
    .action(show);
  command
    .command('sign')
    .description('sign a statement about a consent and print it as a compact JWS')
    .addOption(
      new Option('--action <action>', 'what to say about the consent').choices(actions).makeOptionMandatory(),
    )
    .addOption(
      new Option('--consent <file>', 'the consent as the gateway serves it, or -').makeOptionMandatory(),
    )
    .addOption(key())
    .addOption(passphrase())
    .option('--yes', 'do not ask for confirmation')
    .action(sign);
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
