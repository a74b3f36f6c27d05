import { randomBytes } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import { digestOf } from '../../chaincode/ledger/canonical';
import type { ChangeView, NextState } from '../../chaincode/registry/changes/model';
import type { Actor } from './actors';
import { bankMsp, enterpriseMsp, randomId, refusalOf, Scenario, taxMsp } from './scenario';

/** What an organisation, or a minority of them, tries with the consortium's state. */

const { ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT } = peer.TxValidationCode;
const regulatorMsp = 'RegulatorMSP';
const administrator = (organisation: string): Actor => ({ organisation, identity: 'administrator' });
const voters: Readonly<Record<string, Actor>> = {
  [taxMsp]: administrator('tax'),
  [enterpriseMsp]: administrator('enterprise'),
  [bankMsp]: administrator('bank-a'),
  [regulatorMsp]: administrator('regulator'),
};
const majority = Object.keys(voters);
const proposer = administrator('bank-a');
const on = 'registry';

let scenario: Scenario;
let purpose: NextState['consortium']['purposes'][number];

beforeAll(async () => {
  scenario = await Scenario.start();
  const [first] = (await state()).purposes;
  if (first === undefined) throw new Error('the consortium has no purpose');
  // Of its own, so that no other test on this network is held to what is changed here.
  purpose = { ...first, code: `TEST_${randomBytes(4).toString('hex').toUpperCase()}` };
}, 300_000);

afterAll(() => scenario.close());

const state = async () =>
  (await scenario.evaluate(proposer, 'GetConsortium', {}, { on })) as NextState['consortium'];

/** A change that brings the purpose, or brings it anew. */
async function proposed(changed: typeof purpose): Promise<{ changeId: string; digest: string }> {
  const current = await state();
  const others = current.purposes.filter(({ code }) => code !== changed.code);
  const consortium = { ...current, version: current.version + 1, purposes: [...others, changed] };
  const next: NextState = { consortium, recordTypes: [] };
  const changeId = randomId();
  await scenario.submit(proposer, 'changes:Propose', { changeId, next }, [taxMsp, bankMsp], { on });
  return { changeId, digest: digestOf(next) };
}

async function approved(changed: typeof purpose, msps = majority) {
  const change = await proposed(changed);
  for (const msp of msps)
    await scenario.submit(voters[msp] ?? proposer, 'changes:Vote', { ...change, vote: 'APPROVE' }, [msp], {
      on,
    });
  return change;
}

const enact = (changeId: string, endorsers = majority) =>
  scenario.endorse(proposer, 'changes:Enact', { changeId }, endorsers, { on });

describe('the state of the consortium', () => {
  it('is changed by no minority: not by its votes, not by its endorsements', async () => {
    const { changeId } = await approved(purpose, majority.slice(0, 3));
    expect(await refusalOf(enact(changeId))).toBe('VOTES_MISSING');
    const ready = await approved(purpose);
    const endorsed = await enact(ready.changeId, majority.slice(0, 3));
    expect((await scenario.commit(endorsed, on)).code).toBe(ENDORSEMENT_POLICY_FAILURE);
    expect((await state()).purposes.map(({ code }) => code)).not.toContain(purpose.code);
    expect((await scenario.commit(await enact(ready.changeId), on)).successful).toBe(true);
    expect((await state()).purposes).toContainEqual(purpose);
  });

  it('takes no vote that another organisation endorses in the voter’s place', async () => {
    const { changeId, digest } = await proposed({ ...purpose, maxDataLife: { unit: 'DAY', value: 90 } });
    const vote = { changeId, digest, vote: 'APPROVE' };
    const forged = await scenario.endorse(voters[taxMsp] ?? proposer, 'changes:Vote', vote, [bankMsp], {
      on,
    });
    expect((await scenario.commit(forged, on)).code).toBe(ENDORSEMENT_POLICY_FAILURE);
    const { votes } = (await scenario.evaluate(proposer, 'changes:Get', { changeId }, { on })) as ChangeView;
    expect(votes.every(({ vote: given }) => given === 'PENDING')).toBe(true);
  });

  it('changes once where two changes race', async () => {
    const first = await approved({ ...purpose, maxPurgeDays: 20 });
    const second = await approved({ ...purpose, maxPurgeDays: 21 });
    const endorsed = [await enact(first.changeId), await enact(second.changeId)];
    const codes: number[] = [];
    for (const transaction of endorsed) codes.push((await scenario.commit(transaction, on)).code);
    expect(codes).toEqual([peer.TxValidationCode.VALID, MVCC_READ_CONFLICT]);
    expect(await refusalOf(enact(second.changeId))).toBe('STATE_CONFLICT');
  });

  it('holds consents to what a purpose allows now, whatever it allowed when they were given', async () => {
    const enterprise = await scenario.newEnterprise();
    const artefact = await scenario.granted(enterprise, {
      Purpose: { code: purpose.code, text: purpose.text },
      purgeWithinDays: 7,
    });
    await scenario.requestData(artefact);
    const filings = purpose.items.map((item) =>
      item.recordType === 'vat-filing' ? { ...item, fields: ['filingStatus'] } : item,
    );
    const lowered = { ...purpose, items: filings };
    delete lowered.template;
    const { changeId } = await approved(lowered);
    expect((await scenario.commit(await enact(changeId), on)).successful).toBe(true);
    expect(await refusalOf(scenario.requestData(artefact))).toBe('PURPOSE_CEILING_EXCEEDED');
    const fewer = { items: [{ recordType: 'vat-filing', fields: ['filingStatus'] }] };
    // What is still allowed goes on.
    await scenario.requestData(artefact, fewer);
  });
});
