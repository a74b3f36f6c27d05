#!/usr/bin/env node
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { check } from '../../chaincode/ledger/parse';
import { Consortium } from '../../chaincode/registry/model';
import { DeliveryBundle } from './bundle';
import type { Roots } from './certificates';
import { verifyDelivery } from './verify';

interface Options {
  readonly roots: string;
  readonly registry: string;
  readonly orderer: string;
}

const program = new Command('verify-delivery')
  .description('checks an exported delivery off-line; exit code 0 only if everything holds')
  .argument('<bundle>', 'file of the exported delivery')
  .requiredOption('--roots <directory>', 'root certificates, one file <MSP id>.pem for each organisation')
  .requiredOption('--registry <file>', "the registry's consortium state as JSON, with the departments' keys")
  .option('--orderer <msp>', 'MSP id of the orderer', 'OrdererMSP')
  .action(run);

function readRoots(directory: string): Roots {
  const files = readdirSync(directory).filter((name) => name.endsWith('.pem'));
  return Object.fromEntries(
    files.map((name) => [path.basename(name, '.pem'), readFileSync(path.join(directory, name), 'utf8')]),
  );
}

async function run(file: string, { roots, registry, orderer }: Options): Promise<void> {
  const bundle = check(DeliveryBundle).accept(JSON.parse(readFileSync(file, 'utf8')));
  if (bundle === undefined) throw new Error(`${file} is no exported delivery`);
  const consortium = check(Consortium).accept(JSON.parse(readFileSync(registry, 'utf8')));
  if (consortium === undefined) throw new Error(`${registry} is no state of the registry`);
  const verdicts = await verifyDelivery(bundle, { roots: readRoots(roots), orderer, consortium });
  for (const { code, holds } of verdicts) process.stdout.write(`${holds ? '✓' : '✗'} ${code}\n`);
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`verify-delivery: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
