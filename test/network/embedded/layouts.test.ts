import type { InterestCall } from '../../../network/runtimes/embedded/endorser/interest';
import { Layouts } from '../../../network/runtimes/embedded/gateway/layouts';
import type { Identity, Policy } from '../../../network/runtimes/embedded/msp/types';
import type {
  EmbeddedChannel,
  EmbeddedNetwork,
  EmbeddedPeer,
} from '../../../network/runtimes/embedded/peer/network';

const members = ['A', 'B', 'C', 'D'];

function peer(msp: string): EmbeddedPeer {
  return {
    organisation: msp,
    msp,
    address: `${msp}:1`,
    signer: { mspId: msp, serialized: Buffer.from(msp), sign: () => Buffer.from('') },
    chaincode: () => undefined,
  };
}

/** A policy in the tests' own notation: sets of MSPs, any one of which suffices, e.g. `A+B|C`. */
function policy(sets: Uint8Array): Policy {
  const admissible = Buffer.from(sets)
    .toString()
    .split('|')
    .map((set) => set.split('+'));
  const evaluateIdentities = (identities: readonly Identity[]): boolean =>
    admissible.some((set) => set.every((msp) => identities.some(({ mspId }) => mspId === msp)));
  return { evaluateIdentities, evaluate: () => false };
}

/** A channel of which the layouts need the members, the policies and one definition. */
function channel(endorsement: string): EmbeddedChannel {
  const resources = {
    sequence: 0,
    members,
    msps: { identity: (serialized: Uint8Array) => ({ mspId: Buffer.from(serialized).toString() }) },
    applicationPolicy: policy,
    signaturePolicy: policy,
  };
  const definition = (name: string): object | undefined =>
    name === 'probe' ? { name, version: '1', sequence: 1, endorsement: Buffer.from(endorsement) } : undefined;
  return { name: 'common', ledger: { resources, definition } } as unknown as EmbeddedChannel;
}

const network: EmbeddedNetwork = {
  channels: new Map(),
  peers: new Map([...members, 'E'].map((msp) => [msp, peer(msp)])),
};

function call(given: Partial<InterestCall> = {}): InterestCall {
  return {
    chaincode: 'probe',
    collection: undefined,
    noPrivateReads: false,
    keyPolicies: [],
    disregardNamespacePolicy: false,
    ...given,
  };
}

function layouts(endorsement: string, ...calls: InterestCall[]): string[] {
  return new Layouts(network)
    .for(channel(endorsement), calls)
    .map((layout) => layout.map(({ msp }) => msp).join('+'));
}

describe('layouts', () => {
  it('are the smallest sets that satisfy the policy', () => {
    expect(layouts('A+B|A+C|A+B+C', call())).toEqual(['A+B', 'A+C']);
    expect(layouts('B|A+C', call())).toEqual(['B', 'A+C']);
  });

  it('satisfy all policies at once, with as few peers as can be', () => {
    const keyPolicies = [Buffer.from('C'), Buffer.from('C|D')];
    expect(layouts('A+B|A+C', call({ keyPolicies }))).toEqual(['A+C']);
  });

  it('follow the keys alone where every key written has a policy', () => {
    expect(layouts('A+B', call({ keyPolicies: [Buffer.from('D')], disregardNamespacePolicy: true }))).toEqual(
      ['D'],
    );
  });

  it('include the owner of a collection that is written', () => {
    expect(layouts('A+B', call({ collection: '_implicit_org_C', noPrivateReads: true }))).toEqual(['C']);
    expect(layouts('A+B', call(), call({ collection: '_implicit_org_C', noPrivateReads: true }))).toEqual([
      'A+B+C',
    ]);
  });

  it('leave out whoever cannot read a collection that is read', () => {
    expect(layouts('A|C', call(), call({ collection: '_implicit_org_C' }))).toEqual(['C']);
    expect(() => layouts('A+B', call(), call({ collection: '_implicit_org_C' }))).toThrow(
      'no peer combination can satisfy the endorsement policy',
    );
  });

  it('have only members of the channel', () => {
    expect(() => layouts('E', call())).toThrow('no peer combination can satisfy the endorsement policy');
  });

  it('need a chaincode that is defined', () => {
    expect(() => layouts('A', call({ chaincode: 'other' }))).toThrow(
      'No metadata was found for chaincode other in channel common',
    );
  });
});
