import { Command } from 'commander';
import { pino } from 'pino';
import { ServicingAgent } from '../gateway/agents/servicing';
import { positive } from '../network/cli/numbers';
import { openPortfolio } from './portfolio';

/** A servicing agent in a process of its own, so that it can be killed. */
new Command('close-agent')
  .description('Closes the business days of a portfolio up to and including one.')
  .requiredOption('--directory <path>', "the network's directory")
  .requiredOption('--through <date>', 'last day to close')
  .requiredOption('--page <n>', 'loans in a transaction', positive)
  .action(async ({ directory, through, page }: { directory: string; through: string; page: number }) => {
    const portfolio = openPortfolio(directory);
    const agent = new ServicingAgent({ days: portfolio.days(), logger: pino({ level: 'silent' }), page });
    await agent.closeThrough(through);
    portfolio.close();
  })
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
