import { pino } from 'pino';
import request from 'supertest';
import { DeadLetters } from '../../../gateway/agents/dead-letters';
import { CloseOrders } from '../../../gateway/agents/close-orders';
import { scopesOfRoles } from '../../../gateway/auth/scopes';
import type { User } from '../../../gateway/http/route';
import { resourceRoutes } from '../../../gateway/routes';
import type { Services } from '../../../gateway/services';
import { memoryStore } from '../../../gateway/store';
import { findOrganisation } from '../../../network/identity/paths';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';
import { ContractLedger } from '../records/contract-ledger';
import { testApplication } from '../support/application';

/** Members of answers that tests look into; which of them there are depends on the resource. */
export interface Body {
  readonly code: string;
  readonly status: string;
  readonly state: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  readonly items: readonly { readonly entryId: string }[];
  readonly lines: readonly object[];
  readonly accountId: string;
  readonly balance: string;
  readonly proposalId: string;
  readonly digest: string;
  readonly holdId: string;
  readonly total: string;
  readonly position: { readonly status: string };
  readonly application: { readonly applicationId: string; readonly state: string };
  readonly decision: {
    readonly status: string;
    readonly result: { readonly limit: string };
  };
  readonly notice: object;
  readonly offer: { readonly offerId: string };
  readonly text: readonly string[];
  readonly product: { readonly code: string };
  readonly stop: { readonly state: string };
}

interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** A user of a role, with the scopes that go with it. */
export const person = (role: string, uscc?: string): User => ({
  subject: uscc === undefined ? role : `${role}.${uscc}`,
  identity: uscc === undefined ? role : `${role}.${uscc}`,
  roles: [role],
  scopes: scopesOfRoles([role]),
  ...(uscc === undefined ? {} : { uscc }),
});

/** The gateway of an organisation over contracts in memory. */
export class TestGateway {
  private constructor(
    readonly ledger: ContractLedger,
    readonly closeOrders: CloseOrders,
    private readonly application: Awaited<ReturnType<typeof testApplication>>,
  ) {}

  static async of(
    world: ConstructorParameters<typeof ContractLedger>[0],
    organisationName: string,
    users: readonly User[],
  ): Promise<TestGateway> {
    const topology = loadTopology(defaultConsortium);
    const organisation = findOrganisation(topology, organisationName);
    const ledger = new ContractLedger(world, organisation.msp);
    const store = memoryStore();
    const services: Services = {
      ...{ topology, organisation, directory: '/nowhere', ledger, issuers: new Map(), store },
      users: { find: (subject) => users.find((user) => user.subject === subject) },
      closeOrders: new CloseOrders(store),
      deadLetters: new DeadLetters(store),
      logger: pino({ level: 'silent' }),
    };
    const routes = resourceRoutes(services);
    const application = await testApplication(organisationName, users, { routes });
    return new TestGateway(ledger, services.closeOrders, application);
  }

  async get({ subject }: User, path: string): Promise<Answer> {
    const token = await this.application.token(subject);
    return request(this.application.app).get(path).set('Authorization', `Bearer ${token}`);
  }

  #keys = 0;

  async post(
    { subject }: User,
    path: string,
    body: object = {},
    key = `test-key-${++this.#keys}`,
  ): Promise<Answer> {
    return request(this.application.app)
      .post(path)
      .set('Authorization', `Bearer ${await this.application.token(subject)}`)
      .set('Idempotency-Key', key)
      .send(body);
  }
}
