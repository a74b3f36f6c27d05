import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Logger } from 'pino';
import { findOrganisation } from '../network/identity/paths';
import { peerConnection } from '../network/client/profile';
import { departmentIdentity } from '../network/set-up/identities';
import type { Organisation, Topology } from '../network/topology/topology';
import { startAgents } from './agents';
import { CloseOrders } from './agents/close-orders';
import { DeadLetters } from './agents/dead-letters';
import { createApplication } from './application';
import { developmentTokenRoutes } from './auth/routes';
import { OidcKeys } from './auth/oidc';
import { openDevelopmentIssuer, readTrustedIssuer, TokenVerifier, type TokenRules } from './auth/tokens';
import { gatewayPath, loadUsers } from './auth/users';
import { withDocumentation } from './documentation/routes';
import { Idempotency } from './http/idempotency';
import type { RateLimits } from './http/limits';
import { followConsortium, openIssuers, type Following, type OpenIssuers } from './issuer';
import type { LedgerClient } from './ledger/client';
import { FabricLedger } from './ledger/fabric';
import { Metrics } from './metrics/metrics';
import { serveMetrics } from './metrics/server';
import { RegistryClient } from './records/registry';
import { recordsResource } from './records/routes';
import { resourceRoutes } from './routes';
import type { Services } from './services';
import { openStore } from './store';

export interface GatewayOptions {
  readonly topology: Topology;
  /** Absolute path of the network's directory. */
  readonly directory: string;
  /** Name of the organisation. */
  readonly organisation: string;
  /** Port on loopback; the topology's unless given, 0 for any. */
  readonly port?: number;
  /** File of the token issuer to trust; absent, and without {@link oidc}: the development issuer. */
  readonly tokenIssuer?: string;
  /** The organisation's OpenID Connect provider. */
  readonly oidc?: { readonly issuer: string } & Partial<TokenRules>;
  readonly requestsPerMinute: number;
  /** Of one user, one client, one guesser. */
  readonly limits?: Partial<RateLimits>;
  /** Port on loopback for the operator's metrics; none unless given, 0 for any. */
  readonly metricsPort?: number;
  /** Origins whose pages may call. */
  readonly allowedOrigins?: readonly string[];
  /** Whether to start the organisation's agents. */
  readonly agents: boolean;
  /** `NODE_ENV`. In production the development issuer refuses, and answers are not checked against their schemas. */
  readonly environment: string | undefined;
  readonly logger: Logger;
}

export interface RunningGateway {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Where metrics are read, where they are. */
  readonly metricsUrl?: string;
  /** Stops accepting, lets what runs finish, stops agents, closes store and connection. */
  close(): Promise<void>;
}

/** Milliseconds between two sweeps of remembered answers. */
const sweepInterval = 3600 * 1000;
/** Milliseconds that requests have to finish in when the gateway stops. */
const grace = 8000;

/**
 * Starts the gateway of one organisation.
 *
 * @throws where the organisation is unknown, its store is held by another process, its port is taken, or the development
 * issuer is asked for in production.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { topology, directory, logger } = options;
  const organisation = findOrganisation(topology, options.organisation);
  const home = gatewayPath(directory, organisation.name);
  const { oidc } = options;
  const development =
    options.tokenIssuer === undefined && oidc === undefined
      ? await openDevelopmentIssuer(home, organisation.name, options.environment)
      : undefined;
  const trusted =
    oidc === undefined
      ? (development?.trusted ?? readTrustedIssuer(options.tokenIssuer ?? ''))
      : { issuer: oidc.issuer, keys: new OidcKeys({ issuer: oidc.issuer, logger }).source };
  const issuers = await openIssuers(directory, organisation.name);
  const store = await openStore(path.join(home, 'store'));
  const metrics = new Metrics(organisation.name);
  const fabric = new FabricLedger({
    directory,
    organisation: organisation.name,
    msp: organisation.msp,
    peer: peerConnection({ topology, directory }, organisation.name),
  });
  const ledger = metrics.measured(fabric);
  const following = await followKeys(organisation, issuers, ledger, logger);
  const users = loadUsers(directory, organisation.name);
  const closeOrders = new CloseOrders(store);
  const deadLetters = new DeadLetters(store);
  const services: Services = {
    ...{
      topology,
      organisation,
      directory,
      ledger,
      issuers,
      users,
      store,
      closeOrders,
      deadLetters,
      logger,
      metrics,
    },
  };
  const records = recordsResource(services);
  const idempotency = new Idempotency(store, ledger);
  const port = options.port ?? organisation.ports.gateway;
  let stopping = false;
  const app = createApplication({
    services,
    routes: withDocumentation(services, `http://127.0.0.1:${port}`, [
      ...resourceRoutes(services),
      ...records.routes,
      ...(development === undefined ? [] : developmentTokenRoutes(services, development)),
    ]),
    tokens: new TokenVerifier(trusted, { audience: organisation.name, ...oidc }),
    idempotency,
    requestsPerMinute: options.requestsPerMinute,
    limits: options.limits ?? {},
    allowedOrigins: options.allowedOrigins ?? [],
    measure: metrics.middleware(),
    checkResponses: options.environment !== 'production',
    stopping: () => stopping,
  });
  const server = createServer(app);
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    following?.stop();
    ledger.close();
    await store.close();
    throw error;
  }
  metrics.watch('gateway_dead_letters', 'Tasks that agents gave up', () => deadLetters.count());
  const metricsServer =
    options.metricsPort === undefined ? undefined : await serveMetrics(metrics, options.metricsPort, logger);
  const agents = options.agents ? await startAgents(services) : undefined;
  const sweep = setInterval(() => {
    idempotency.sweep(Date.now()).catch((error: unknown) => logger.error({ err: error }, 'sweep failed'));
  }, sweepInterval);
  sweep.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...(metricsServer === undefined ? {} : { metricsUrl: metricsServer.url }),
    async close() {
      stopping = true;
      clearInterval(sweep);
      following?.stop();
      metricsServer?.close();
      metrics.registry.clear();
      await Promise.all([closeServer(server), records.stop(), agents?.stop()]);
      ledger.close();
      await store.close();
    },
  };
}

/** Departments sign with the keys in force, which their attester looks up; other organisations have none to follow. */
async function followKeys(
  { msp, departments }: Organisation,
  issuers: OpenIssuers,
  ledger: LedgerClient,
  logger: Logger,
): Promise<Following | undefined> {
  const [first] = departments;
  if (first === undefined) return undefined;
  const registry = new RegistryClient(ledger, msp, departmentIdentity('attester', first.id));
  return followConsortium(issuers, () => registry.consortium(), logger);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearTimeout(cut);
}
