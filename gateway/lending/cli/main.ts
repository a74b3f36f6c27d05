#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addExplain } from './explain';
import { addTrialBalance } from './trial-balance';

/** `lending`: what a member of a lending channel can compute for itself. One file a subcommand. */

/** 1 for a failure or books that do not prove, 2 for a command that was not understood. */
const exits = { failure: 1, usage: 2 } as const;

async function main(): Promise<void> {
  const program = new Command('lending')
    .description('Recomputes what a lending channel says, from its blocks and records')
    .addHelpText('after', '\nExit codes: 0 done and proved, 1 failure, 2 wrong usage.')
    .exitOverride();
  addTrialBalance(program);
  addExplain(program);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : exits.usage;
      return;
    }
    process.stderr.write(`lending: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exits.failure;
  }
}

void main();
