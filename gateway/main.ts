import 'reflect-metadata';
import { Command, InvalidArgumentError, Option } from 'commander';
import { destination, pino } from 'pino';
import { openNetwork } from '../network/topology/network-file';
import { defaultLimits } from './http/limits';
import { startGateway, type GatewayOptions } from './gateway';

/** `node dist/gateway/main.js`: the REST gateway of one organisation, until SIGTERM or SIGINT. */
interface Options {
  readonly directory: string;
  readonly organisation: string;
  readonly port?: number;
  readonly tokenIssuer?: string;
  readonly oidcIssuer?: string;
  readonly oidcAudience?: string;
  readonly oidcClockTolerance?: number;
  readonly oidcTokenType?: string;
  readonly oidcSubjectClaim?: string;
  readonly requestsPerMinute: number;
  readonly userRequestsPerMinute: number;
  readonly clientRequestsPerMinute: number;
  readonly refusedTokensPerMinute: number;
  readonly allowOrigin: readonly string[];
  readonly metricsPort?: number;
  readonly logLevel: string;
  readonly agents: boolean;
}

const program = new Command('gateway')
  .description('Serves the REST interface of one organisation of a network that is up.')
  .requiredOption('--directory <path>', "the network's directory")
  .requiredOption('--organisation <name>', 'the organisation, as the consortium file names it')
  .option('--port <number>', "port on loopback; the organisation's own unless given", integer)
  .option(
    '--token-issuer <file>',
    'JSON file with issuer and keys (JWKS) of the tokens to accept; without it, a development issuer runs, which refuses to in production',
  )
  .addOption(
    new Option(
      '--oidc-issuer <url>',
      'accept the tokens of this OpenID Connect issuer, by its discovery document; https, or http on loopback',
    ).conflicts('tokenIssuer'),
  )
  .option(
    '--oidc-audience <name>',
    "audience that its tokens must name; the organisation's name unless given",
  )
  .option(
    '--oidc-clock-tolerance <seconds>',
    'by how much its clock may differ, at most 60; 5 unless given',
    tolerance,
  )
  .option('--oidc-token-type <typ>', 'header typ of its access tokens; at+jwt (RFC 9068) unless given')
  .option('--oidc-subject-claim <name>', 'claim that names the user; sub unless given')
  .option('--requests-per-minute <number>', 'most requests of one address in a minute', integer, 60_000)
  .option('--user-requests-per-minute <number>', 'most requests of one user', integer, defaultLimits.perUser)
  .option(
    '--client-requests-per-minute <number>',
    'most requests of one client application (claim client_id or azp)',
    integer,
    defaultLimits.perClient,
  )
  .option(
    '--refused-tokens-per-minute <number>',
    'most tokens of one address that are refused before it has to wait',
    integer,
    defaultLimits.refusedPerAddress,
  )
  .option('--allow-origin <origin>', 'let pages of this origin call; may be repeated', origin, [])
  .option('--metrics-port <number>', 'serve Prometheus metrics at /metrics on this port of loopback', integer)
  .option('--log-level <level>', 'fatal, error, warn, info, debug', 'info')
  .option('--no-agents', 'start no release or purge agents')
  .action(run);

async function run(options: Options): Promise<void> {
  const logger = pino(
    {
      level: options.logLevel,
      base: { organisation: options.organisation },
      // Nothing logs these; should anything ever, they are cut out.
      redact: ['*.authorization', '*.token', '*.jwt', '*.disclosures', '*.fields', '*.transient', '*.input'],
    },
    destination({ dest: 2, sync: false }),
  );
  const { topology, directory } = openNetwork(options.directory);
  const gateway = await startGateway({
    ...options,
    ...oidcOf(options),
    limits: {
      perUser: options.userRequestsPerMinute,
      perClient: options.clientRequestsPerMinute,
      refusedPerAddress: options.refusedTokensPerMinute,
    },
    allowedOrigins: options.allowOrigin,
    topology,
    directory,
    logger,
    environment: process.env.NODE_ENV,
  });
  process.stdout.write(`gateway of ${options.organisation} ready at ${gateway.url}\n`);
  if (gateway.metricsUrl !== undefined) logger.info({ url: gateway.metricsUrl }, 'metrics');
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    // What does not end by itself in ten seconds is cut off; the ledger client leaves nothing half done.
    setTimeout(() => process.exit(1), 10_000).unref();
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopped with an error');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function oidcOf({
  oidcIssuer: issuer,
  oidcAudience: audience,
  oidcClockTolerance: clockTolerance,
  oidcTokenType: type,
  oidcSubjectClaim: subjectClaim,
}: Options): Pick<GatewayOptions, 'oidc'> {
  if (issuer === undefined) return {};
  return {
    oidc: {
      issuer,
      ...(audience === undefined ? {} : { audience }),
      ...(clockTolerance === undefined ? {} : { clockTolerance }),
      ...(type === undefined ? {} : { type }),
      ...(subjectClaim === undefined ? {} : { subjectClaim }),
    },
  };
}

/** An origin as browsers send it; no wildcard, which would let every page call. */
function origin(text: string, earlier: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || new URL(text).origin !== text)
    throw new InvalidArgumentError('is no origin like https://portal.example');
  return [...earlier, text];
}

function tolerance(text: string): number {
  const seconds = integer(text);
  if (seconds > 60) throw new InvalidArgumentError('is more than a minute');
  return seconds;
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('is not a whole number');
  return value;
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`gateway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
