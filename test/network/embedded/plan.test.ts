import { peer as peerProtos } from '@hyperledger/fabric-protos';
import type { Endorsement } from '../../../network/runtimes/embedded/endorser/endorser';
import { EndorsementPlan } from '../../../network/runtimes/embedded/gateway/plan';
import type { EmbeddedPeer } from '../../../network/runtimes/embedded/peer/network';

function peer(msp: string): EmbeddedPeer {
  return {
    organisation: msp,
    msp,
    address: `${msp}:1`,
    signer: { mspId: msp, serialized: Buffer.from(msp), sign: () => Buffer.from('') },
    chaincode: () => undefined,
  };
}

function result(endorser: EmbeddedPeer, payload = 'same'): Endorsement {
  const endorsement = new peerProtos.Endorsement();
  endorsement.setEndorser(endorser.signer.serialized);
  return { response: new peerProtos.Response(), payload: Buffer.from(payload), endorsement, interest: [] };
}

function endorsers(plan: EndorsementPlan): string[] {
  return (plan.completed?.endorsements ?? []).map((endorsement) =>
    Buffer.from(endorsement.getEndorser_asU8()).toString(),
  );
}

const [a, b, c] = [peer('A'), peer('B'), peer('C')] as const;

describe('an endorsement plan', () => {
  it('asks the peers of the first layout that have not endorsed, and is complete with them', () => {
    const plan = new EndorsementPlan([
      [a, b],
      [a, c],
    ]);
    plan.endorsed(a, result(a));
    expect(plan.next()).toEqual([b]);
    plan.endorsed(b, result(b));
    expect(plan.next()).toBeUndefined();
    expect(endorsers(plan)).toEqual(['A', 'B']);
  });

  it('goes on with another layout when a peer fails, and keeps what it has', () => {
    const plan = new EndorsementPlan([
      [a, b],
      [a, c],
    ]);
    plan.endorsed(a, result(a));
    plan.failed(b, 'down');
    expect(plan.next()).toEqual([c]);
    plan.endorsed(c, result(c));
    expect(endorsers(plan)).toEqual(['A', 'C']);
  });

  it('gives up when every layout needs a peer that failed, and tells what each said', () => {
    const plan = new EndorsementPlan([
      [a, b],
      [b, c],
    ]);
    plan.endorsed(a, result(a));
    plan.failed(b, 'down');
    expect(plan.next()).toBeUndefined();
    expect(plan.completed).toBeUndefined();
    expect(plan.errors).toEqual([{ address: 'B:1', mspId: 'B', message: 'down' }]);
  });

  it('does not take a result that differs from the first', () => {
    const plan = new EndorsementPlan([[a, b]]);
    plan.endorsed(a, result(a, 'one'));
    plan.endorsed(b, result(b, 'another'));
    expect(plan.completed).toBeUndefined();
    expect(plan.errors).toEqual([
      { address: 'B:1', mspId: 'B', message: 'ProposalResponsePayloads do not match' },
    ]);
  });

  it('does not count endorsements that the completed layout does not need', () => {
    const plan = new EndorsementPlan([[b, c]]);
    plan.endorsed(a, result(a));
    plan.endorsed(b, result(b));
    plan.endorsed(c, result(c));
    expect(endorsers(plan)).toEqual(['B', 'C']);
  });
});
