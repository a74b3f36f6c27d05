import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkDown, networkStatus, networkUp } from '../network/cli/network';
import { signalProcess } from '../network/processes/processes';
import type { Runtime } from '../network/runtimes/runtime';
import { compiledProgram, projectRoot } from '../network/topology/project';
import { dayAfter, Portfolio, type PortfolioPlan } from './portfolio';

export interface SoakOptions {
  readonly runtime: Runtime['name'];
  readonly plan: PortfolioPlan;
  readonly days: number;
  readonly kills: number;
  /** Loans in a transaction of the close. */
  readonly page: number;
  /** Agents at once. */
  readonly agents: number;
  /** First port of the network. */
  readonly portBase?: number;
  readonly progress: (line: string) => void;
}

export interface SoakResult {
  /** SHA-256 over where every loan stands, of the run that nobody disturbed and of the one that was. */
  readonly quiet: string;
  readonly disturbed: string;
  /** How often which process was killed: fewer than asked for where the days were closed before. */
  readonly killed: Readonly<Record<string, number>>;
}

const silent = (): void => undefined;

/**
 * Closes a portfolio's days twice from the same ledger: once undisturbed, and once while agents, chaincode and network are
 * killed at random moments and started again.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { plan, progress } = options;
  const home = mkdtempSync(path.join(tmpdir(), 'soak-'));
  const directory = path.join(home, 'network');
  const kept = path.join(home, 'kept');
  const up = () =>
    networkUp({
      directory,
      runtime: options.runtime,
      consortium: path.join(projectRoot, 'bench', 'lending.yaml'),
      ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
      gateways: false,
      progress: silent,
    });
  const digest = async (): Promise<string> => {
    const portfolio = new Portfolio(await up());
    try {
      return await portfolio.digest(plan);
    } finally {
      portfolio.close();
    }
  };
  try {
    const portfolio = new Portfolio(await up());
    await portfolio.make(plan, silent);
    portfolio.close();
    await networkDown(directory, silent);
    cpSync(directory, kept, { recursive: true });
    progress(`${plan.loans} loans on the ledger`);
    await up();
    await closeAll(directory, options);
    const quiet = await digest();
    await networkDown(directory, silent);
    rmSync(directory, { recursive: true });
    cpSync(kept, directory, { recursive: true });
    progress('closed undisturbed');
    await up();
    const killed = await closeUnderFire(directory, options, up);
    const disturbed = await digest();
    return { quiet, disturbed, killed };
  } finally {
    await networkDown(directory, silent);
    rmSync(home, { recursive: true, force: true });
  }
}

function startAgent(directory: string, { days, page }: SoakOptions): ChildProcess {
  return spawn(
    process.execPath,
    [
      compiledProgram('bench', 'close-agent.js'),
      ...['--directory', directory, '--through', dayAfter(days - 1), '--page', String(page)],
    ],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
}

/** @throws where the agent does not get through. */
async function closeAll(directory: string, options: SoakOptions): Promise<void> {
  const [code] = (await once(startAgent(directory, options), 'exit')) as [number | null];
  if (code !== 0) throw new Error('the agent did not close the days');
}

async function closeUnderFire(
  directory: string,
  options: SoakOptions,
  up: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const killed: Record<string, number> = {};
  let closing = true;
  const running = new Set<ChildProcess>();
  // An agent that dies, or gives up while the network is away, is started again, as a service would be.
  const lane = async (): Promise<void> => {
    while (closing) {
      const agent = startAgent(directory, options);
      running.add(agent);
      const [code] = (await once(agent, 'exit')) as [number | null];
      running.delete(agent);
      if (code === 0) closing = false;
    }
  };
  const kill = async (): Promise<void> => {
    for (let done = 0; closing && done < options.kills; done += 1) {
      await sleep(100 + Math.random() * 900);
      const { processes } = await networkStatus(directory);
      const names = [...processes.filter(({ pid }) => pid !== undefined).map(({ name }) => name), 'agent'];
      const victim = names[Math.floor(Math.random() * names.length)] ?? 'agent';
      if (victim === 'agent') [...running][0]?.kill('SIGKILL');
      else signalProcess(directory, victim, 'SIGKILL');
      killed[victim] = (killed[victim] ?? 0) + 1;
      options.progress(`kill ${done + 1} of ${options.kills}: ${victim}`);
      await sleep(50);
      await up();
    }
  };
  await Promise.all([...Array.from({ length: options.agents }, lane), kill()]);
  return killed;
}
