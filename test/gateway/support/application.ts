import type { Express } from 'express';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { pino } from 'pino';
import { DeadLetters } from '../../../gateway/agents/dead-letters';
import { CloseOrders } from '../../../gateway/agents/close-orders';
import { createApplication } from '../../../gateway/application';
import { TokenVerifier } from '../../../gateway/auth/tokens';
import type { RateLimits } from '../../../gateway/http/limits';
import type { Users } from '../../../gateway/auth/users';
import { withDocumentation } from '../../../gateway/documentation/routes';
import { Idempotency } from '../../../gateway/http/idempotency';
import type { Route, User } from '../../../gateway/http/route';
import type { Committed, LedgerCall, LedgerClient, LedgerSubmission } from '../../../gateway/ledger/client';
import { recordsResource } from '../../../gateway/records/routes';
import { resourceRoutes } from '../../../gateway/routes';
import type { Services } from '../../../gateway/services';
import { memoryStore, type Store } from '../../../gateway/store';
import { findOrganisation } from '../../../network/identity/paths';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';

/** A ledger that answers by function name, and remembers what it was asked. */
export class FakeLedger implements LedgerClient {
  readonly calls: (LedgerCall & { readonly kind: string; readonly endorsers?: readonly string[] })[] = [];
  readonly answers: Record<string, (call: LedgerCall) => unknown> = {};
  status: Awaited<ReturnType<LedgerClient['outcome']>> = { known: true, valid: true, code: 'VALID' };

  submitted(name: string): number {
    return this.calls.filter((call) => call.kind === 'submit' && call.name === name).length;
  }

  async evaluate(call: LedgerCall): Promise<unknown> {
    this.calls.push({ ...call, kind: 'evaluate' });
    return await this.#answer(call);
  }

  async readPrivate(call: LedgerCall): Promise<unknown> {
    this.calls.push({ ...call, kind: 'readPrivate' });
    return await this.#answer(call);
  }

  async submit(call: LedgerSubmission): Promise<Committed> {
    this.calls.push({ ...call, kind: 'submit' });
    return { result: await this.#answer(call), transactionId: 'tx1', blockNumber: 1n };
  }

  outcome() {
    return Promise.resolve(this.status);
  }

  events(): never {
    throw new Error('no events here');
  }

  close(): void {
    // Nothing is open.
  }

  #answer(call: LedgerCall): unknown {
    const answer = this.answers[call.name];
    if (answer === undefined) throw new Error(`the fake ledger has no answer to ${call.name}`);
    return answer(call);
  }
}

export interface TestApplication {
  readonly app: Express;
  readonly ledger: FakeLedger;
  readonly store: Store;
  readonly routes: readonly Route[];
  readonly services: Services;
  /** A token as the organisation's issuer makes it, changed at will. */
  token(subject: string, changes?: TokenChanges): Promise<string>;
}

export interface TokenChanges {
  readonly audience?: string;
  readonly issuer?: string;
  readonly expiresIn?: string;
  readonly scope?: string;
  readonly client?: string;
  readonly key?: CryptoKey;
}

export const testIssuer = 'urn:test:issuer';

/** The application of an organisation of the sample consortium, on a fake ledger, with the users given. */
export async function testApplication(
  organisationName: string,
  users: readonly User[],
  options: {
    readonly store?: Store;
    readonly ledger?: FakeLedger;
    /** In place of all routes of the organisation. */
    readonly routes?: readonly Route[];
    readonly patience?: number;
    readonly requestsPerMinute?: number;
    readonly limits?: Partial<RateLimits>;
    readonly allowedOrigins?: readonly string[];
  } = {},
): Promise<TestApplication> {
  const topology = loadTopology(defaultConsortium);
  const organisation = findOrganisation(topology, organisationName);
  const ledger = options.ledger ?? new FakeLedger();
  const store = options.store ?? memoryStore();
  const found: Users = { find: (subject) => users.find((user) => user.subject === subject) };
  const services: Services = {
    topology,
    organisation,
    directory: '/nowhere',
    ledger,
    issuers: new Map(),
    users: found,
    store,
    closeOrders: new CloseOrders(store),
    deadLetters: new DeadLetters(store),
    logger: pino({ level: 'silent' }),
  };
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = { keys: [await exportJWK(publicKey)] };
  const routes = withDocumentation(
    services,
    'http://127.0.0.1:1',
    options.routes ?? [...resourceRoutes(services), ...recordsResource(services).routes],
  );
  const app = createApplication({
    services,
    routes,
    tokens: new TokenVerifier({ issuer: testIssuer, keys }, { audience: organisation.name }),
    idempotency: new Idempotency(store, ledger, options.patience),
    requestsPerMinute: options.requestsPerMinute ?? 100_000,
    limits: options.limits ?? {},
    allowedOrigins: options.allowedOrigins ?? [],
    checkResponses: true,
  });
  return {
    app,
    ledger,
    store,
    routes,
    services,
    token: (subject, changes = {}) =>
      new SignJWT({
        ...(changes.scope === undefined ? {} : { scope: changes.scope }),
        ...(changes.client === undefined ? {} : { client_id: changes.client }),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
        .setIssuer(changes.issuer ?? testIssuer)
        .setAudience(changes.audience ?? organisation.name)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(changes.expiresIn ?? '5m')
        .sign(changes.key ?? privateKey),
  };
}

export const creditOfficer: User = {
  subject: 'officer',
  identity: 'credit-officer',
  roles: ['credit-officer'],
  scopes: [
    'registry:read',
    'enterprises:read',
    'consents:read',
    'consents:request',
    'data-requests:read',
    'data-requests:write',
    'deliveries:read',
  ],
};
