import { Command } from 'commander';
import { contractTypes } from '../../../chaincode/lending/engine/actus';
import type { Case } from './cases';
import { readCases } from './cases';
import { differences, isSupported } from './compare';

const most = 12;

function printTable(cases: readonly Case[], failed: ReadonlySet<Case>): void {
  const row = (...cells: readonly string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(8) : cell.padStart(8))).join('');
  console.log(row('type', 'cases', 'passed', 'failed'));
  for (const type of contractTypes) {
    const ofType = cases.filter(({ contractType }) => contractType === type);
    const failures = ofType.filter((candidate) => failed.has(candidate)).length;
    console.log(row(type, String(ofType.length), String(ofType.length - failures), String(failures)));
  }
}

function printUnsupported(cases: readonly Case[]): void {
  const others = new Set(cases.map(({ contractType }) => contractType));
  for (const type of others) {
    const count = cases.filter(({ contractType }) => contractType === type).length;
    console.log(`${type === '' ? 'without a type' : type}: not supported yet: ${count}`);
  }
}

/** Runs the cases of a folder and reports; gives the exit status. */
function run(folder: string): number {
  let cases: readonly Case[];
  try {
    cases = readCases(folder);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  const supported = cases.filter(isSupported);
  const failed = new Set<Case>();
  for (const candidate of supported) {
    const found = differences(candidate);
    if (found.length === 0) continue;
    failed.add(candidate);
    console.log(`${candidate.identifier}:`);
    for (const difference of found.slice(0, most)) console.log(`  ${difference}`);
    if (found.length > most) console.log(`  and ${found.length - most} more`);
  }
  if (failed.size > 0) console.log('');
  printTable(supported, failed);
  printUnsupported(cases.filter((candidate) => !isSupported(candidate)));
  if (supported.length === 0) {
    console.error(`no cases of ${contractTypes.join(', ')} in ${folder}`);
    return 2;
  }
  return failed.size > 0 ? 1 : 0;
}

new Command('conformance:actus')
  .description(
    'Runs the public ACTUS test cases in a folder (actus-tests-*.json, as in github.com/actusfrf/actus-tests) through the lending engine.',
  )
  .argument('<folder>', 'folder with the JSON files')
  .addHelpText(
    'after',
    '\nEvents are compared in order: date, type, payoff, notional, rate and accrued interest, to 1e-7.\nExit status: 0 all agree, 1 a difference, 2 no cases or an unreadable folder.',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action((folder: string) => {
    process.exitCode = run(folder);
  })
  .parse();
