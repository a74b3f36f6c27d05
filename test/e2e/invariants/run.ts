import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { ServicingAgent } from '../../../gateway/agents/servicing';
import { LedgerError } from '../../../gateway/ledger/errors';
import { chaincodeHosts } from '../../../network/chaincode-host/launch';
import { networkDown, networkStatus, networkUp } from '../../../network/cli/network';
import { signalProcess } from '../../../network/processes/processes';
import type { NetworkContext, Runtime } from '../../../network/runtimes/runtime';
import { projectRoot } from '../../../network/topology/project';
import { daysOf, Portfolio } from '../../../bench/portfolio';
import { Acts } from './acts';
import { BlockReader } from './blocks';
import { Chance } from './chance';
import { findFaults } from './checker';
import { LedgerFold, type LedgerTransaction } from './ledger-fold';
import { draw, type Draw, type Operation, type Outcome, type Told } from './operations';
import { Pause } from './pause';
import { Sender } from './sender';

export interface InvariantsOptions {
  readonly runtime: Runtime['name'];
  readonly operations: number;
  readonly seed: number;
  readonly lanes: number;
  /** Processes that are killed, spread over the run. */
  readonly kills: number;
  /** Checks within the run; one more comes at its end. */
  readonly checks: number;
  /** Loans that the run begins with. */
  readonly loans: number;
  readonly portBase?: number;
  readonly progress: (line: string) => void;
}

export interface InvariantsResult {
  readonly faults: readonly string[];
  readonly told: readonly Told[];
  readonly fold: LedgerFold;
  /** All that was on the channel, for whoever wants to tamper with it. */
  readonly history: readonly LedgerTransaction[];
  readonly killed: Readonly<Record<string, number>>;
  /** Transactions by the code with which peers committed them. */
  readonly committed: ReadonlyMap<string, number>;
  readonly counts: Sender['counts'];
  readonly seconds: number;
}

/**
 * Carries random operations out on a network of its own, from many lanes at once, while processes are killed, and holds the
 * channel's blocks against what has to be true: at random moments, at which the lanes rest, and at the end.
 */
export async function checkInvariants(options: InvariantsOptions): Promise<InvariantsResult> {
  const directory = mkdtempSync(path.join(tmpdir(), 'invariants-'));
  const up = () =>
    networkUp({
      directory,
      runtime: options.runtime,
      consortium: path.join(projectRoot, 'bench', 'lending.yaml'),
      ...(options.portBase === undefined ? {} : { portBase: options.portBase }),
      gateways: false,
      progress: () => undefined,
    });
  let kept = false;
  try {
    const run = new Run(options, await up(), up);
    const result = await run.run();
    kept = result.faults.length > 0;
    if (kept) options.progress(`the network stays in ${directory}`);
    return result;
  } finally {
    await networkDown(directory, () => undefined);
    if (!kept) rmSync(directory, { recursive: true, force: true });
  }
}

class Run {
  readonly #sender: Sender;
  readonly #blocks: BlockReader;
  readonly #fold = new LedgerFold();
  readonly #history: LedgerTransaction[] = [];
  readonly #told: Told[] = [];
  readonly #killed: Record<string, number> = {};
  readonly #faults: string[] = [];
  #drawn = 0;
  #busy = 0;
  /** Lanes begin nothing new. */
  readonly #rest = new Pause();
  /** Nobody is killed: the network has to answer. */
  readonly #checking = new Pause();
  /** A process is being brought back. */
  readonly #healing = new Pause();

  constructor(
    private readonly options: InvariantsOptions,
    private readonly context: NetworkContext,
    private readonly up: () => Promise<unknown>,
  ) {
    this.#sender = new Sender(context, () => this.#healing.over());
    this.#blocks = new BlockReader(context.directory);
  }

  async run(): Promise<InvariantsResult> {
    const { seed, operations, lanes, loans, kills, checks } = this.options;
    const portfolio = new Portfolio(this.context);
    try {
      const key = await portfolio.begin();
      const acts = new Acts(portfolio.uscc, key, (name, input) => this.#sender.ask(name, input));
      for (const make of acts.opening((part) => Chance.of(seed, part), loans))
        await this.#carryOut(await make());
      const missing = this.#told.find(({ state }) => state !== 'DONE');
      if (missing !== undefined)
        throw new Error(
          `the run cannot begin: ${missing.operation.kind}: ${missing.message ?? missing.state}`,
        );
      await this.#check();
      const begun = performance.now();
      const chance = Chance.of(seed, -1_000_000);
      const during = [
        this.#at(chance, kills, () => this.#kill(chance)),
        this.#at(chance, checks, () => this.#check()),
      ];
      await Promise.all([
        ...Array.from({ length: lanes }, () => this.#lane(acts, seed, operations)),
        ...during,
      ]);
      const seconds = (performance.now() - begun) / 1000;
      await this.#check();
      return {
        faults: this.#faults,
        told: this.#told,
        fold: this.#fold,
        history: this.#history,
        killed: this.#killed,
        committed: this.#blocks.codes,
        counts: this.#sender.counts,
        seconds,
      };
    } finally {
      portfolio.close();
      this.#sender.close();
    }
  }

  async #lane(acts: Acts, seed: number, operations: number): Promise<void> {
    while (this.#drawn < operations) {
      if (this.#rest.isOn) {
        await this.#rest.over();
        continue;
      }
      const drawn = draw(seed, this.#drawn++);
      this.#busy++;
      try {
        await this.#one(acts, drawn);
      } finally {
        this.#busy--;
      }
    }
  }

  async #one(acts: Acts, drawn: Draw): Promise<void> {
    if (drawn.kind === 'CLOSE_DAY') {
      const operation: Operation = { ...drawn, steps: [], effect: {} };
      // Under fire a close takes long; some are done in peace, as at night, so that days pass.
      const close = () => this.#closeDay(drawn.chance);
      const outcome = await (drawn.chance.often(0.7) ? this.#rest.during(close) : close());
      this.#told.push({ operation, ...outcome });
      return;
    }
    let operation: Operation;
    try {
      operation = await acts.make(drawn);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      // A quote that is refused, say: nothing was sent.
      const asked = { ...drawn, steps: [], effect: {} };
      const state = error.fromContract ? 'REFUSED' : 'FAILED';
      const cause = error.cause instanceof Error ? error.cause.message : '';
      this.#told.push({ operation: asked, state, code: error.code, message: cause, transactions: [] });
      return;
    }
    await this.#carryOut(operation);
  }

  async #carryOut(operation: Operation): Promise<void> {
    const { steps, way, remember } = operation;
    let outcome: Outcome = { state: 'DONE', transactions: [] };
    for (const [index, step] of steps.entries()) {
      const last = index === steps.length - 1;
      if (last && way === 'TWICE') {
        const [one, other] = await Promise.all([
          this.#sender.send(step, 'patient'),
          this.#sender.send(step, 'other'),
        ]);
        outcome = together(one, other);
      } else outcome = await this.#sender.send(step, last && way === 'IMPATIENTLY' ? 'impatient' : 'patient');
      if (outcome.state !== 'DONE') break;
    }
    if (outcome.state === 'DONE') remember?.();
    this.#told.push({ operation, ...outcome });
  }

  /** Closes the business day, whole or in pages, as the bank's agent does; another lane may be at it, too. */
  async #closeDay(chance: Chance): Promise<Outcome> {
    const days = daysOf(this.#sender.bank);
    const page = chance.often(0.4) ? 200 : chance.between(5, 60);
    try {
      const current = await days.current();
      if (current === undefined) return { state: 'FAILED', transactions: [] };
      if (page < 200 && current.state === 'OPEN') await days.startClose(current.date);
      await new ServicingAgent({ days, logger: pino({ level: 'silent' }), page }).closeThrough(current.date);
      return { state: 'DONE', transactions: [] };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      await this.#healing.over();
      return { state: error.fromContract ? 'REFUSED' : 'FAILED', code: error.code, transactions: [] };
    }
  }

  /** Does something so many times, at random points of the run. */
  async #at(chance: Chance, times: number, act: () => Promise<void>): Promise<void> {
    const { operations } = this.options;
    const share = operations / (times + 1);
    const points = Array.from({ length: times }, (_, index) =>
      Math.floor(share * (index + 0.5 + chance.next())),
    );
    for (const point of points) {
      while (this.#drawn < Math.min(point, operations)) await sleep(5);
      await act();
    }
  }

  async #kill(chance: Chance): Promise<void> {
    while (this.#checking.isOn) await this.#checking.over();
    await this.#healing.during(async () => {
      const victim = chance.one(await this.#victims());
      if (victim === undefined) return;
      await sleep(chance.between(0, 200));
      signalProcess(this.context.directory, victim, 'SIGKILL');
      this.#killed[victim] = (this.#killed[victim] ?? 0) + 1;
      await sleep(50);
      await this.up();
    });
  }

  /** A native network is brought back from the death of a chaincode process; of the others it is not known yet. */
  async #victims(): Promise<readonly string[]> {
    if (this.options.runtime === 'native') return chaincodeHosts(this.context);
    const { processes } = await networkStatus(this.context.directory);
    return processes.filter(({ running }) => running).map(({ name }) => name);
  }

  /** Lets the lanes rest, reads the new blocks and looks at everything. */
  async #check(): Promise<void> {
    await this.#rest.during(async () => {
      while (this.#busy > 0 || this.#healing.isOn) await sleep(10);
      await this.#checking.during(() => this.#look());
    });
  }

  async #look(): Promise<void> {
    const transactions = await this.#blocks.read();
    this.#history.push(...transactions);
    for (const transaction of transactions) this.#fold.add(transaction);
    const faults = findFaults(this.#fold, this.#told).filter((fault) => !this.#faults.includes(fault));
    this.#faults.push(...faults);
    const { transactions: folded, days, recomputed, loans } = this.#fold;
    this.options.progress(
      `after ${this.#drawn} operations: ${this.#blocks.height} blocks, ${folded} valid transactions, ` +
        `${days} days closed, ${loans.size} loans computed ${recomputed} times, ` +
        (faults.length === 0 ? 'all holds' : `${faults.length} FAULTS`),
    );
    for (const fault of faults.slice(0, 10)) this.options.progress(fault);
  }
}

/** What a client knows that sent the same twice at once. */
function together(one: Outcome, other: Outcome): Outcome {
  const transactions = [...one.transactions, ...other.transactions];
  for (const state of ['DONE', 'UNKNOWN', 'REFUSED'] as const) {
    const found = [one, other].find((outcome) => outcome.state === state);
    if (found !== undefined) return { ...found, transactions };
  }
  return one;
}
