import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { networkDown, networkUp } from '../network/cli/network';
import { connectOrganisation } from '../network/client/connect';
import { findOrganisation } from '../network/identity/paths';
import { startProcess, stopProcess } from '../network/processes/processes';
import type { NetworkContext, Runtime } from '../network/runtimes/runtime';
import { departmentIdentity } from '../network/set-up/identities';
import { compiledProgram } from '../network/topology/project';
import { createKeyFile } from '../signer/keyfile';
import { ApiUser } from '../examples/story/api';
import { makeEnterprises, type SampleEnterprise } from '../examples/sample/enterprises';
import { Random } from '../examples/sample/random';
import { positive } from '../network/cli/numbers';
import { printTable, throughput, type Throughput } from './measure';

interface Options {
  readonly runtime: Runtime['name'];
  readonly seconds: number;
  readonly concurrency: number;
  readonly rounds: number;
}

const silent = (): void => undefined;
const bank = 'bank-a';
const channel = 'sharing-bank-a';

/**
 * The gateway's throughput over that of the bare fabric-gateway client doing the same on the ledger, in turns in one run.
 * A query is one evaluation; asking for a consent is a submission and the evaluation that reads it back.
 */
async function main(options: Options): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-gateway-'));
  const context = await networkUp({ directory, runtime: options.runtime, gateways: false, progress: silent });
  const organisations = [bank, 'market-regulation'];
  const connection = connectOrganisation(directory, bank, 'credit-officer');
  try {
    for (const organisation of organisations) await startUnlimited(context, organisation);
    const enterprise = await register(context);
    const user = await ApiUser.signIn(urlOf(context, bank), 'credit-officer');
    const registry = connection.gateway.getNetwork('registry').getContract('registry');
    const sharing = connection.gateway.getNetwork(channel).getContract('sharing');
    const own = { endorsingOrganizations: [findOrganisation(context.topology, bank).msp] };

    const get = async (): Promise<void> => {
      const { status } = await user.get(`/v1/enterprises/${enterprise.uscc}`);
      if (status !== 200) throw new Error(`status ${status}`);
    };
    const evaluate = (): Promise<unknown> =>
      registry.evaluate('GetEnterprise', { arguments: [JSON.stringify({ uscc: enterprise.uscc })], ...own });
    const post = async (): Promise<void> => {
      const { status, body } = await user.post('/v1/consents', wanted(enterprise.uscc));
      if (status !== 201) throw new Error(`status ${status} ${JSON.stringify(body)}`);
    };
    const submit = async (): Promise<void> => {
      const consentId = randomUUID();
      const artefact = {
        ...{ consentId, channel, bank: own.endorsingOrganizations[0] },
        ...wanted(enterprise.uscc),
      };
      await sharing.submit('RequestConsent', { arguments: [JSON.stringify(artefact)] });
      await sharing.evaluate('GetConsent', { arguments: [JSON.stringify({ consentId })], ...own });
    };

    const rows: Throughput[] = [];
    const compare = async (
      what: string,
      bare: () => Promise<unknown>,
      gateway: () => Promise<unknown>,
    ): Promise<string> => {
      const ratios: number[] = [];
      for (let round = 1; round <= options.rounds; round++) {
        const a = await throughput(
          `${what}, bare client, round ${round}`,
          options.concurrency,
          options.seconds,
          bare,
        );
        const b = await throughput(
          `${what}, gateway, round ${round}`,
          options.concurrency,
          options.seconds,
          gateway,
        );
        rows.push(a, b);
        ratios.push(b.perSecond / a.perSecond);
      }
      ratios.sort((a, b) => a - b);
      const middle = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
      return `${what}: gateway over bare client, median of ${options.rounds}: ${middle.toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`;
    };
    const conclusions = [
      await compare('query an enterprise', evaluate, get),
      await compare('ask for a consent', submit, post),
    ];
    printTable(rows);
    for (const conclusion of conclusions) console.log(conclusion);
  } finally {
    connection.close();
    for (const organisation of organisations) await stopProcess(directory, `bench-${organisation}`);
    await networkDown(directory, silent);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What is asked; the same for both sides but for the id. */
function wanted(enterprise: string): Record<string, unknown> {
  const now = Date.now();
  return {
    enterprise,
    Purpose: {
      code: 'CREDIT_REVIEW',
      text: "Review an existing credit once, without partners' names or order details",
    },
    fetchType: 'ONETIME',
    consentStart: new Date(now - 60_000).toISOString(),
    consentExpiry: new Date(now + 30 * 86_400_000).toISOString(),
    DataRange: { from: '2026-01-01', to: '2026-09-30' },
    DataLife: { unit: 'DAY', value: 30 },
    Frequency: { unit: 'YEAR', value: 1 },
    items: [{ recordType: 'vat-filing', issuer: 'department:tax-shanghai', fields: ['sales'] }],
    purgeWithinDays: 1,
    evidenceYears: 0,
  };
}

/** A gateway that limits nobody's rate: a limit is not what is measured. */
async function startUnlimited(context: NetworkContext, organisation: string): Promise<void> {
  await startProcess({
    directory: context.directory,
    name: `bench-${organisation}`,
    command: process.execPath,
    args: [
      compiledProgram('gateway', 'main.js'),
      ...['--directory', context.directory, '--organisation', organisation],
      ...['--requests-per-minute', '100000000', '--log-level', 'warn'],
    ],
    ready: async () => {
      try {
        return (await fetch(`${urlOf(context, organisation)}/health`, { signal: AbortSignal.timeout(1000) }))
          .ok;
      } catch {
        // Not listening yet.
        return false;
      }
    },
    deadlineMs: 20_000,
  });
}

function urlOf({ topology }: NetworkContext, organisation: string): string {
  return `http://127.0.0.1:${findOrganisation(topology, organisation).ports.gateway}`;
}

async function register(context: NetworkContext): Promise<SampleEnterprise> {
  const [enterprise] = makeEnterprises(new Random('bench'), 1);
  if (enterprise === undefined) throw new Error('no enterprise');
  const department = enterprise.region.marketRegulation;
  const registrar = await ApiUser.signIn(
    urlOf(context, 'market-regulation'),
    departmentIdentity('registrar', department),
  );
  const { signatory, jwk } = await createKeyFile('only for this benchmark');
  const answer = await registrar.post('/v1/enterprises', {
    entry: {
      ...{
        uscc: enterprise.uscc,
        name: enterprise.name,
        status: 'ACTIVE',
        mandate: { required: 1 },
        version: 1,
      },
      signatories: [{ id: signatory, office: 'LEGAL_REPRESENTATIVE', jwk, from: '2024-01-01' }],
      registeredBy: `department:${department}`,
    },
  });
  if (answer.status !== 201) throw new Error(`registering: ${JSON.stringify(answer.body)}`);
  return enterprise;
}

new Command('bench:gateway --')
  .description("Measures the gateway's throughput over the bare fabric-gateway client's, as a ratio.")
  .addOption(
    new Option('--runtime <name>', 'what runs the network')
      .choices(['embedded', 'native'])
      .default('embedded'),
  )
  .option('--seconds <n>', 'length of each measurement', positive, 6)
  .option('--concurrency <n>', 'requests under way at once', positive, 50)
  .option('--rounds <n>', 'pairs of measurements', positive, 3)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
