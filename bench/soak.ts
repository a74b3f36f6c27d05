import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiUser } from '../examples/story/api';
import { gatewayStatus, type GatewayStatus } from '../network/cli/gateways';
import { networkDown, networkStatus, networkUp } from '../network/cli/network';
import { signalProcess } from '../network/processes/processes';
import type { NetworkContext, Runtime } from '../network/runtimes/runtime';
import { compiledProgram, projectRoot } from '../network/topology/project';
import { dayAfter, Portfolio, type PortfolioPlan } from './portfolio';

export interface SoakOptions {
  readonly runtime: Runtime['name'];
  readonly plan: PortfolioPlan;
  readonly days: number;
  /** Processes to kill, spread over the time of the undisturbed run; more where it takes longer under fire. */
  readonly kills: number;
  /** Loans in a transaction of the close. */
  readonly page: number;
  /** Agents at once, beside the one of the bank's gateway. */
  readonly agents: number;
  /** First port of the network. */
  readonly portBase?: number;
  readonly progress: (line: string) => void;
}

export interface SoakResult {
  /** SHA-256 over where every loan stands, of the run that nobody disturbed and of the one that was. */
  readonly quiet: string;
  readonly disturbed: string;
  /** What the disturbed run collected, in fen, and how many loans it left past due. */
  readonly totals: { readonly collected: string; readonly pastDue: number };
  /** How often which process was killed. */
  readonly killed: Readonly<Record<string, number>>;
}

const silent = (): void => undefined;

/** Most kills for each that was asked for: under more fire than that a run might not end. */
const mostKills = 3;

/**
 * Closes a portfolio's days twice from the same ledger: once undisturbed, by an agent; and once by the agent of the bank's
 * gateway and others beside it, while agents, gateways, chaincode and network are killed at random moments and started again.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { plan, progress } = options;
  const home = mkdtempSync(path.join(tmpdir(), 'soak-'));
  const directory = path.join(home, 'network');
  const kept = path.join(home, 'kept');
  const up = (gateways = false) =>
    networkUp({
      directory,
      runtime: options.runtime,
      consortium: path.join(projectRoot, 'bench', 'lending.yaml'),
      ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
      gateways,
      progress: silent,
    });
  const ask = async <T>(question: (portfolio: Portfolio) => Promise<T>): Promise<T> => {
    const portfolio = new Portfolio(await up());
    try {
      return await question(portfolio);
    } finally {
      portfolio.close();
    }
  };
  const digest = () => ask((portfolio) => portfolio.digest(plan));
  try {
    const portfolio = new Portfolio(await up());
    await portfolio.make(plan, silent);
    portfolio.close();
    await networkDown(directory, silent);
    cpSync(directory, kept, { recursive: true });
    progress(`${plan.loans} loans on the ledger`);
    await up();
    const begun = performance.now();
    await closeAll(directory, options);
    const took = performance.now() - begun;
    const quiet = await digest();
    await networkDown(directory, silent);
    rmSync(directory, { recursive: true });
    cpSync(kept, directory, { recursive: true });
    progress(`closed undisturbed in ${(took / 1000).toFixed(0)} s`);
    await askGateway(await up(true), options);
    const killed = await closeUnderFire(directory, options, took, () => up(true));
    const disturbed = await digest();
    const totals = await ask((portfolio) => portfolio.totals(options.days));
    return { quiet, disturbed, totals, killed };
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

const isBanks = ({ organisation }: GatewayStatus): boolean => organisation === 'bank-a';

/** Asks the bank's gateway to close the days: it takes that down, and its agent goes on with it whenever it runs. */
async function askGateway(context: NetworkContext, { days }: SoakOptions): Promise<void> {
  const bank = gatewayStatus(context).find(isBanks);
  const servicer = await ApiUser.signIn(bank?.url ?? '', 'servicer');
  const asked = await servicer.post('/v1/business-days:close', { through: dayAfter(days - 1) });
  if (asked.status !== 202) throw new Error(`the gateway answered ${JSON.stringify(asked.body)}`);
}

/** @throws where the agent does not get through. */
async function closeAll(directory: string, options: SoakOptions): Promise<void> {
  const [code] = (await once(startAgent(directory, options), 'exit')) as [number | null];
  if (code !== 0) throw new Error('the agent did not close the days');
}

/** @param took milliseconds of an undisturbed run, which the kills are spread over. */
async function closeUnderFire(
  directory: string,
  options: SoakOptions,
  took: number,
  up: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const killed: Record<string, number> = {};
  let closed = false;
  const closing = (): boolean => !closed;
  const running = new Set<ChildProcess>();
  // An agent that dies, or gives up while the network is away, is started again, as a service would be.
  const lane = async (): Promise<void> => {
    while (closing()) {
      const agent = startAgent(directory, options);
      running.add(agent);
      const [code] = (await once(agent, 'exit')) as [number | null];
      running.delete(agent);
      if (code === 0) closed = true;
    }
  };
  const kill = async (): Promise<void> => {
    for (let done = 0; closing() && done < mostKills * options.kills; done += 1) {
      // The run takes longer than the undisturbed one, and whoever is killed meanwhile is one more.
      await sleep((took / options.kills) * (0.3 + 1.2 * Math.random()));
      if (!closing()) return;
      const { processes, gateways } = await networkStatus(directory);
      const names = [...processes, ...gateways.filter(isBanks)]
        .filter(({ pid }) => pid !== undefined)
        .map(({ name }) => name);
      const candidates = [...names, ...Array.from(running, () => 'agent')];
      const victim = candidates[Math.floor(Math.random() * candidates.length)] ?? 'agent';
      if (victim === 'agent') [...running][Math.floor(Math.random() * running.size)]?.kill('SIGKILL');
      else signalProcess(directory, victim, 'SIGKILL');
      killed[victim] = (killed[victim] ?? 0) + 1;
      options.progress(`kill ${done + 1}: ${victim}`);
      await sleep(50);
      await up();
    }
  };
  await Promise.all([...Array.from({ length: options.agents }, lane), kill()]);
  return killed;
}
