import type { InterestCall } from '../endorser/interest';
import type { Identity, Policy } from '../msp/types';
import { peersOf, type EmbeddedChannel, type EmbeddedNetwork, type EmbeddedPeer } from '../peer/network';

const IMPLICIT_COLLECTION_PREFIX = '_implicit_org_';

/** Peers whose endorsements together satisfy every policy that a transaction is subject to. */
export type Layout = readonly EmbeddedPeer[];

/** No set of peers satisfies the policies. The message is that of Fabric's discovery. */
export class NoLayoutError extends Error {
  override readonly name = 'NoLayoutError';
}

/** The layouts for transactions, kept by what they depend on: most transactions of a chaincode need the same. */
export class Layouts {
  readonly #network: EmbeddedNetwork;
  readonly #known = new Map<string, Layout[]>();

  constructor(network: EmbeddedNetwork) {
    this.#network = network;
  }

  /**
   * The smallest sets of peers that can endorse a transaction with this interest, by asking each policy: what
   * Fabric's discovery derives from the policies' principals.
   *
   * @throws NoLayoutError
   */
  for(channel: EmbeddedChannel, interest: readonly InterestCall[]): Layout[] {
    const key = cacheKey(channel, interest);
    let layouts = this.#known.get(key);
    if (layouts === undefined) {
      if (this.#known.size >= MAX_KNOWN) {
        this.#known.clear();
      }
      layouts = findLayouts(this.#network, channel, interest);
      this.#known.set(key, layouts);
    }
    if (layouts.length === 0) {
      throw new NoLayoutError('no peer combination can satisfy the endorsement policy');
    }
    return layouts;
  }
}

const MAX_KNOWN = 1000;

function cacheKey({ name, ledger }: EmbeddedChannel, interest: readonly InterestCall[]): string {
  const calls = interest.map((call) =>
    JSON.stringify([
      call.chaincode,
      ledger.definition(call.chaincode)?.sequence,
      call.collection,
      call.noPrivateReads,
      call.disregardNamespacePolicy,
      call.keyPolicies.map((policy) => Buffer.from(policy).toString('base64')),
    ]),
  );
  return JSON.stringify([name, ledger.resources.sequence, ...calls]);
}

function findLayouts(
  network: EmbeddedNetwork,
  channel: EmbeddedChannel,
  interest: readonly InterestCall[],
): Layout[] {
  const policies = policiesOf(channel, interest);
  const candidates = peersOf(network, channel)
    .filter((peer) => mayEndorse(peer, interest))
    .map((peer) => ({ peer, identity: channel.ledger.resources.msps.identity(peer.signer.serialized) }));
  return minimalSets(candidates, (identities) => policies.every((policy) => policy(identities)));
}

type Condition = (identities: readonly Identity[]) => boolean;

function policiesOf(channel: EmbeddedChannel, interest: readonly InterestCall[]): Condition[] {
  const { ledger, name } = channel;
  const evaluated =
    (policy: Policy): Condition =>
    (identities) =>
      policy.evaluateIdentities(identities);
  return interest.flatMap((call): Condition[] => {
    const definition = ledger.definition(call.chaincode);
    if (definition === undefined) {
      throw new NoLayoutError(`No metadata was found for chaincode ${call.chaincode} in channel ${name}`);
    }
    const owner = implicitOwner(call.collection);
    if (owner !== undefined) {
      return [(identities) => identities.some(({ mspId }) => mspId === owner)];
    }
    const keyPolicies = call.keyPolicies.map((policy) => evaluated(ledger.resources.signaturePolicy(policy)));
    return call.disregardNamespacePolicy
      ? keyPolicies
      : [evaluated(ledger.resources.applicationPolicy(definition.endorsement)), ...keyPolicies];
  });
}

/** A peer that does not belong to a collection cannot read it. */
function mayEndorse(peer: EmbeddedPeer, interest: readonly InterestCall[]): boolean {
  return interest.every(({ collection, noPrivateReads }) => {
    const owner = implicitOwner(collection);
    return owner === undefined || noPrivateReads || owner === peer.msp;
  });
}

function implicitOwner(collection: string | undefined): string | undefined {
  return collection?.startsWith(IMPLICIT_COLLECTION_PREFIX)
    ? collection.slice(IMPLICIT_COLLECTION_PREFIX.length)
    : undefined;
}

interface Candidate {
  readonly peer: EmbeddedPeer;
  readonly identity: Identity;
}

/** Above this number of peers not all sets are tried, but one minimal set for each peer to be spared first. */
const MAX_EXHAUSTIVE = 12;

/** The sets that satisfy the condition and have no smaller set that does; the condition only grows with the set. */
function minimalSets(candidates: readonly Candidate[], condition: Condition): Layout[] {
  const satisfied = (set: readonly Candidate[]): boolean => condition(set.map(({ identity }) => identity));
  if (!satisfied(candidates)) {
    return [];
  }
  const sets =
    candidates.length > MAX_EXHAUSTIVE
      ? candidates.map((_, first) =>
          reduce([...candidates.slice(first), ...candidates.slice(0, first)], satisfied),
        )
      : exhaustive(candidates, satisfied);
  return sets.map((set) => set.map(({ peer }) => peer));
}

/** Leaves out whoever is not needed, in the order given. */
function reduce(
  candidates: readonly Candidate[],
  satisfied: (set: readonly Candidate[]) => boolean,
): readonly Candidate[] {
  return candidates.reduce((set, candidate) => {
    const without = set.filter((other) => other !== candidate);
    return satisfied(without) ? without : set;
  }, candidates);
}

function exhaustive(
  candidates: readonly Candidate[],
  satisfied: (set: readonly Candidate[]) => boolean,
): Candidate[][] {
  const found: number[] = [];
  const bySize = Array.from({ length: 2 ** candidates.length }, (_, set) => set).sort(
    (a, b) => sizeOf(a) - sizeOf(b) || a - b,
  );
  for (const set of bySize) {
    if (!found.some((smaller) => (set & smaller) === smaller) && satisfied(membersOf(candidates, set))) {
      found.push(set);
    }
  }
  return found.map((set) => membersOf(candidates, set));
}

function membersOf(candidates: readonly Candidate[], set: number): Candidate[] {
  return candidates.filter((_, index) => (set & (1 << index)) !== 0);
}

function sizeOf(set: number): number {
  let size = 0;
  for (let rest = set; rest > 0; rest &= rest - 1) {
    size += 1;
  }
  return size;
}
