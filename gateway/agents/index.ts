import { dayOf } from '../../chaincode/ledger/calendar';
import { departmentIdentity } from '../../network/set-up/identities';
import type { Channel } from '../../network/topology/topology';
import { LendingContract } from '../ledger/lending';
import type { Services } from '../services';
import { Closing } from './closing';
import { DaysClient } from './days';
import { Listener } from './listener';
import { PurgeAgent } from './purge';
import { ReleaseAgent } from './release';
import { ServicingAgent } from './servicing';
import { SharingClient } from './sharing';
import { WorkList } from './work-list';

/** Agents that run beside a gateway until they are stopped. */
export interface Agents {
  /** Lets what is under way end; what is left is taken up at the next start. */
  stop(): Promise<void>;
}

/** Milliseconds between two sweeps of the purge agent. */
const purgeInterval = 30_000;
/** Milliseconds between two looks of the servicing agent at the calendar. */
const closingInterval = 60_000;

/**
 * Starts the agents that the organisation's roles ask for: a release agent where it holds the keys of issuers, a purge
 * agent on the channels of a bank, and a servicing agent on a bank's lending channel. Events wake them; the ledger's state decides what there is to do.
 */
export async function startAgents(services: Services): Promise<Agents> {
  const running = [...(await startRelease(services)), ...startPurge(services), ...startServicing(services)];
  return {
    async stop() {
      await Promise.all(running.map((agent) => agent.stop()));
    },
  };
}

async function startRelease(services: Services): Promise<Agents[]> {
  const { ledger, store, logger, organisation, topology } = services;
  const identities = releasing(services);
  const [first] = identities;
  if (first === undefined) return [];
  const skews = new Map(topology.channels.map(({ name, clockSkewSeconds }) => [name, clockSkewSeconds]));
  const agent = new ReleaseAgent({
    ledger,
    store,
    logger,
    msp: organisation.msp,
    issuers: services.issuers,
    identities,
    clockSkewSeconds: (channel) => skews.get(channel) ?? 0,
  });
  const tasks = new WorkList({
    store,
    logger,
    name: 'release',
    deadLetters: services.deadLetters,
    perform: (task) => agent.perform(task),
  });
  await tasks.start();
  const listeners = sharingChannels(services).map(
    ({ name: channel }) =>
      new Listener({
        ledger,
        store,
        logger,
        agent: 'release',
        metrics: services.metrics,
        identity: first,
        channel,
        chaincode: 'sharing',
        async take({ name, payload }) {
          const id = name === 'DataRequested' ? idOf(payload, 'requestId') : undefined;
          if (id !== undefined) await tasks.add({ channel, id });
        },
      }),
  );
  for (const listener of listeners) listener.start();
  return [...listeners, tasks];
}

/**
 * Identities of the wallet that release: one for each department whose key is here, and one for all enterprises of their
 * organisation, which may entrust their keys at any time.
 */
function releasing({ issuers, organisation }: Services): readonly string[] {
  const { departments, roles } = organisation;
  return [
    ...departments
      .filter(({ id }) => issuers.get(`department:${id}`) !== undefined)
      .map(({ id }) => departmentIdentity('release-agent', id)),
    ...(roles.includes('enterprise') ? ['platform-agent'] : []),
  ];
}

function startPurge(services: Services): Agents[] {
  const { ledger, store, logger, organisation } = services;
  if (!organisation.roles.includes('bank')) return [];
  const identity = 'purge-agent';
  return sharingChannels(services)
    .filter(({ chaincodes }) =>
      // The bank of a channel is one whose endorsement each of its new keys needs.
      chaincodes.some(({ endorsement }) => endorsement.every((msps) => msps.includes(organisation.msp))),
    )
    .flatMap(({ name: channel }) => {
      const agent = new PurgeAgent({
        sharing: new SharingClient(ledger, channel, identity),
        logger,
        bank: organisation.msp,
        citing: (requestId) => citing(services, identity, requestId),
        interval: purgeInterval,
      });
      const listener = new Listener({
        ledger,
        store,
        logger,
        agent: 'purge',
        metrics: services.metrics,
        identity,
        channel,
        chaincode: 'sharing',
        take: ({ name }) => {
          if (name === 'ConsentStopped') agent.wake();
          return Promise.resolve();
        },
      });
      agent.start();
      listener.start();
      return [agent, listener];
    });
}

/** Signed loans of the own bank that cite a delivery. */
async function citing(
  { ledger, topology, organisation }: Services,
  identity: string,
  requestId: string,
): Promise<readonly string[]> {
  const contract = new LendingContract(ledger, topology, organisation);
  const own = contract.channels.find(({ bank }) => bank === organisation.msp);
  return own === undefined ? [] : contract.evaluate(identity, own, 'applications:ListCiting', { requestId });
}

function startServicing(services: Services): Agents[] {
  const { ledger, logger, organisation, topology, closeOrders } = services;
  const contract = new LendingContract(ledger, topology, organisation);
  return contract.channels
    .filter(({ bank }) => bank === organisation.msp)
    .map((channel) => {
      const closing = new Closing({
        agent: new ServicingAgent({ days: new DaysClient(contract, channel, 'servicer'), logger }),
        orders: closeOrders,
        channel: channel.name,
        simulatedClock: channel.simulatedClock,
        today: () => dayOf(Date.now()),
        logger,
        interval: closingInterval,
      });
      closing.start();
      return closing;
    });
}

function sharingChannels({ topology, organisation }: Services): Channel[] {
  return topology.channels.filter(
    ({ members, chaincodes }) =>
      members.includes(organisation.msp) && chaincodes.some(({ name }) => name === 'sharing'),
  );
}

/** An event is public input like any other: what is no id is left alone. */
function idOf(payload: unknown, member: string): string | undefined {
  const value =
    typeof payload === 'object' && payload !== null
      ? (payload as Record<string, unknown>)[member]
      : undefined;
  return typeof value === 'string' && /^[A-Za-z0-9_-]{16,64}$/.test(value) ? value : undefined;
}
