import { peer } from '@hyperledger/fabric-protos';
import { sha256 } from '../../chaincode/ledger/canonical';
import { paymentOrderType } from '../../chaincode/lending/books/payment-order';
import { exampleProduct } from './facts';
import { alone, both, Lending, signAs } from './lending';
import {
  approver,
  attester,
  bankMsp,
  enterpriseMsp,
  modified,
  newSigner,
  officer,
  purger,
  randomId,
  refusalOf,
  regulatorMsp,
  Scenario,
  supervisor,
  taxMsp,
  type Actor,
  type Enterprise,
  type Prepared,
} from './scenario';

/** From evidence to the money: what a bank, its staff, an applicant or a collusion of them tries, and who stops it. */

const { ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT, VALID } = peer.TxValidationCode;

/** A year of filings, which the turnover takes. */
const months = Array.from({ length: 12 }, (_, index) => index - 3);
const year = { DataRange: { from: '2025-09-01', to: '2026-08-31' } };

let scenario: Scenario;
let lending: Lending;
let borrower: Enterprise;
let other: Enterprise;
let share: Prepared;
/** The borrower's deposit, with enough in it for fees. */
let account: string;

beforeAll(async () => {
  scenario = await Scenario.start();
  lending = await Lending.open(scenario);
  [borrower, other] = [await scenario.newEnterprise(), await scenario.newEnterprise()];
  await scenario.attest(borrower, months);
  await scenario.attest(other, months);
  share = await scenario.delivered(borrower, year);
  account = await lending.deposit(borrower, '10000000');
}, 300_000);

afterAll(() => scenario.close());

/** What each peer by itself says to a call: the same of all, or several. */
async function refusals(
  actor: Actor,
  name: string,
  input: unknown,
  endorsers: readonly (readonly string[])[] = alone,
): Promise<string> {
  const said = new Set<string>();
  for (const one of endorsers) said.add(await refusalOf(lending.endorse(actor, name, input, one)));
  return [...said].join();
}

it('cannot be applied for to and from a deposit of another enterprise', async () => {
  const victims = await lending.deposit(other);
  const input = lending.applicationOf(victims);
  expect(await refusals(borrower.owner, 'applications:Apply', input)).toBe('NOT_YOUR_RECORD');
});

describe('evidence', () => {
  it('of another enterprise, under another consent, undelivered or purged is refused by every peer', async () => {
    const applicationId = await lending.applied(borrower, account);
    const others = await scenario.delivered(other, year);
    const asked = await scenario.prepared(borrower, year);
    const purged = await scenario.delivered(borrower, year);
    await scenario.submit(purger, 'Purge', { requestIds: [purged.requestId] }, [bankMsp]);
    for (const [evidence, code] of [
      [others, 'NOT_YOUR_RECORD'],
      [{ ...share, requestId: others.requestId }, 'NOT_YOUR_RECORD'],
      [{ ...asked, requestId: share.requestId }, 'NOT_YOUR_RECORD'],
      [asked, 'EVIDENCE_MISSING'],
      [purged, 'EVIDENCE_MISSING'],
    ] as const)
      expect(
        await refusals(officer, 'applications:AttachEvidence', lending.evidence(applicationId, evidence)),
      ).toBe(code);
  });

  it('from a consent that has ended is refused: attached, decided on, offered on', async () => {
    const ended = await scenario.delivered(borrower, year);
    const attached = await lending.applied(borrower, account);
    await lending.submit(officer, 'applications:AttachEvidence', lending.evidence(attached, ended));
    const decided = await lending.decided(borrower, ended, account);
    const revocation = await scenario.sign(ended.artefact, 'REVOKE', borrower.signers[2]);
    await scenario.stop('government', attester, taxMsp, ended.artefact, revocation);
    const fresh = await lending.applied(borrower, account);
    expect(await refusals(officer, 'applications:AttachEvidence', lending.evidence(fresh, ended))).toBe(
      'CONSENT_NOT_ACTIVE',
    );
    expect(await refusalOf(lending.decide(attached))).toBe('CONSENT_NOT_ACTIVE');
    expect(await refusals(officer, 'applications:Offer', lending.offerOf(decided))).toBe(
      'CONSENT_NOT_ACTIVE',
    );
  });
});

describe('an offer', () => {
  it('is the contract’s: above product, decision or request no peer endorses it, nor alone', async () => {
    const applicationId = await lending.decided(borrower, share, account);
    for (const [changes, code] of [
      [{ amount: '300000001' }, 'PRODUCT_LIMIT_EXCEEDED'],
      [{ amount: '999999' }, 'PRODUCT_LIMIT_EXCEEDED'],
      [{ termMonths: 37 }, 'PRODUCT_LIMIT_EXCEEDED'],
      [{ amount: '50000001' }, 'DECISION_MISMATCH'],
    ] as const)
      expect(await refusals(officer, 'applications:Offer', lending.offerOf(applicationId, changes))).toBe(
        code,
      );
    for (const actor of [approver, borrower.owner, supervisor])
      expect(await refusals(actor, 'applications:Offer', lending.offerOf(applicationId))).toBe(
        'UNAUTHORISED_ROLE',
      );
    for (const endorsers of alone)
      expect(
        await lending.codeOf(
          lending.endorse(officer, 'applications:Offer', lending.offerOf(applicationId), endorsers),
        ),
      ).toBe(ENDORSEMENT_POLICY_FAILURE);
  });

  it('of a product that the regulator has suspended is refused, and the bank cannot lift it', async () => {
    const { code } = lending.product;
    const applicationId = await lending.decided(borrower, share, account);
    const standing = await lending.offered(await lending.decided(borrower, share, account));
    const acceptance = await lending.acceptance(standing, borrower.signers.slice(0, 2));
    const before = await lending.endorse(officer, 'applications:Offer', lending.offerOf(applicationId));
    await lending.submit(supervisor, 'products:Suspend', { code, reason: 'REVIEW' }, [regulatorMsp]);
    expect(await lending.race([before])).toEqual([MVCC_READ_CONFLICT]);
    expect(await refusals(officer, 'applications:Offer', lending.offerOf(applicationId))).toBe(
      'PRODUCT_NOT_OPEN',
    );
    expect(await refusals(borrower.owner, 'applications:Accept', acceptance)).toBe('PRODUCT_NOT_OPEN');
    const applied = lending.applicationOf(account);
    expect(await refusals(borrower.owner, 'applications:Apply', applied)).toBe('PRODUCT_NOT_OPEN');
    expect(await refusals(officer, 'products:Resume', { code })).toBe('UNAUTHORISED_ROLE');
    // Not even where all others endorse what only the regulator's own peer may.
    expect(await lending.codeOf(lending.endorse(supervisor, 'products:Resume', { code }, both))).toBe(
      ENDORSEMENT_POLICY_FAILURE,
    );
    await lending.submit(supervisor, 'products:Resume', { code }, [regulatorMsp]);
    await lending.offered(applicationId);
  });

  it('above the ceiling of the lender’s kind is refused', async () => {
    const dear = exampleProduct({
      lenderType: 'PRIVATE_LENDER',
      ceilings: [
        { lenderType: 'PRIVATE_LENDER', ceiling: { kind: 'MULTIPLE', index: 'LPR-1Y', times: '1.35' } },
      ],
    });
    await lending.publish(dear);
    const applicationId = await lending.decided(borrower, share, account, dear);
    expect(await refusals(officer, 'applications:Offer', lending.offerOf(applicationId))).toBe(
      'RATE_CEILING_EXCEEDED',
    );
  });
});

describe('an acceptance', () => {
  it('takes the quorum’s signatures over the sheet that stands, brought by the enterprise', async () => {
    const applicationId = await lending.decided(borrower, share, account);
    const replaced = await lending.offered(applicationId);
    const view = await lending.offered(applicationId, { amount: '40000000' });
    const [first, second] = borrower.signers;
    const quorum = [first, second];
    const accept = async (...given: Parameters<Lending['acceptance']>) =>
      refusals(borrower.owner, 'applications:Accept', await lending.acceptance(...given));
    expect(await accept(view, [first])).toBe('QUORUM_MISSING');
    expect(await accept(view, [first, first])).toBe('QUORUM_MISSING');
    expect(await accept(view, [first, await newSigner(second?.signatory)])).toBe('SIGNATURE_INVALID');
    expect(await accept(view, other.signers.slice(0, 2))).toBe('SIGNATORY_UNKNOWN');
    expect(await accept(view, quorum, { sheetDigest: replaced.offer.digest })).toBe('STATEMENT_MISMATCH');
    expect(await accept(view, quorum, { channel: 'lending-bank-b' })).toBe('STATEMENT_MISMATCH');
    expect(await accept(replaced, quorum)).toBe('OFFER_MISMATCH');
    const debit = { account, cap: '10000000', expires: '2099-12-31' };
    for (const directDebit of [
      { ...debit, cap: '1' },
      { ...debit, account: randomId() },
      { ...debit, expires: '2026-12-01' },
    ])
      expect(await accept(view, quorum, { directDebit })).toBe('ACCEPTANCE_INVALID');
    const orders = await signAs(lending.acceptanceOf(view), paymentOrderType, quorum);
    const { offerId } = view.offer;
    const typed = { applicationId, offerId, acceptances: orders };
    expect(await refusals(borrower.owner, 'applications:Accept', typed)).toBe('SIGNATURE_INVALID');
    const good = await lending.acceptance(view, quorum);
    for (const actor of [officer, other.owner])
      expect(await refusals(actor, 'applications:Accept', good)).toBe('NOT_YOUR_RECORD');

    // Of two that bring the same signatures one counts; then it is done, for this application and for every other.
    const twice = await Promise.all(
      [both, [bankMsp, regulatorMsp]].map((endorsers) =>
        lending.endorse(borrower.owner, 'applications:Accept', good, endorsers),
      ),
    );
    expect(await lending.race(twice)).toEqual([VALID, MVCC_READ_CONFLICT]);
    expect(await refusals(borrower.owner, 'applications:Accept', good)).toBe('STATE_CONFLICT');
    expect(await refusals(officer, 'applications:Offer', lending.offerOf(applicationId))).toBe(
      'STATE_CONFLICT',
    );
    const next = await lending.offered(await lending.decided(borrower, share, account));
    const replayed = { ...good, applicationId: next.offer.applicationId, offerId: next.offer.offerId };
    expect(await refusals(borrower.owner, 'applications:Accept', replayed)).toBe('STATEMENT_MISMATCH');
  });
});

describe('a disbursement', () => {
  const disbursement = (applicationId: string, loanId = randomId()) => ({
    applicationId,
    loanId,
    enterprise: borrower.uscc,
  });

  it('happens once, though two are proposed and approved at the same time', async () => {
    const applicationId = await lending.accepted(borrower, share, account);
    const { offer } = await lending.evaluate<{ offer: { sheet: { totalFees: string } } }>(
      officer,
      'applications:GetOffer',
      { offerId: (await lending.view(applicationId)).application.offerId },
    );
    const before = BigInt(await lending.balance(account));
    const proposals = [];
    for (let count = 0; count < 3; count++)
      proposals.push(await lending.propose('DISBURSE', disbursement(applicationId)));
    const [first, second, third] = proposals;
    const endorsed = await Promise.all(
      [first, first, second].map((proposed) => lending.endorse(approver, 'approvals:Approve', proposed)),
    );
    expect(await lending.race(endorsed)).toEqual([VALID, MVCC_READ_CONFLICT, MVCC_READ_CONFLICT]);
    expect(await refusals(approver, 'approvals:Approve', third)).toBe('STATE_CONFLICT');
    const open = new Set<string>();
    for (const proposed of [first, second]) open.add(await refusals(approver, 'approvals:Approve', proposed));
    // The one that was carried out is no longer open; the other finds nothing to pay out.
    expect([...open].sort()).toEqual(['APPROVAL_NOT_OPEN', 'STATE_CONFLICT']);
    const paid = 50_000_000n - BigInt(offer.sheet.totalFees);
    expect(BigInt(await lending.balance(account))).toBe(before + paid);
  });

  it('takes two persons: neither both roles nor a second certificate make one person two', async () => {
    const applicationId = await lending.accepted(borrower, share, account);
    const { network } = scenario;
    const roles = { role: 'credit-officer,approver,treasurer' };
    const double: Actor = { organisation: 'bank-a', identity: `double-${randomId().slice(0, 8)}` };
    const second: Actor = { organisation: 'bank-a', identity: `second-${randomId().slice(0, 8)}` };
    const posing: Actor = { organisation: 'enterprise', identity: `posing-${randomId().slice(0, 8)}` };
    await network.issue('bank-a', { id: double.identity, ou: 'client', attributes: roles });
    await network.issue('bank-a', {
      id: second.identity,
      ou: 'client',
      attributes: { ...roles, 'hf.EnrollmentID': double.identity },
    });
    await network.issue('enterprise', { id: posing.identity, ou: 'client', attributes: roles });
    const content = disbursement(applicationId);
    const proposed = await lending.propose('DISBURSE', content, double);
    for (const actor of [double, second])
      expect(await refusals(actor, 'approvals:Approve', proposed)).toBe('SAME_PERSON');
    for (const actor of [officer, posing, supervisor, borrower.owner])
      expect(await refusals(actor, 'approvals:Approve', proposed)).toBe('UNAUTHORISED_ROLE');
    expect(await refusals(approver, 'approvals:Approve', { ...proposed, digest: sha256('else') })).toBe(
      'APPROVAL_MISMATCH',
    );
    await lending.submit(approver, 'approvals:Reject', {
      proposalId: proposed.proposalId,
      reason: 'NO',
    });
    expect((await lending.view(applicationId)).application.state).toBe('ACCEPTED');
  });
});

/** Runs a modified chaincode for the tests of a block, then the declared one again. */
function modifies(chaincode: 'lending' | 'sharing', ...organisations: readonly string[]): void {
  beforeAll(async () => {
    for (const organisation of organisations)
      await scenario.network.replaceChaincode(organisation, chaincode, modified(chaincode));
  }, 120_000);
  afterAll(async () => {
    for (const organisation of organisations)
      await scenario.network.restoreChaincode(organisation, chaincode);
  }, 120_000);
}

/** Commits documents under any keys, where the policies of the keys let it. */
const forge = (documents: object, endorsers: readonly string[]) =>
  lending.submit(officer, 'books:Forge', documents, endorsers);

describe("the bank's own peer, its chaincode modified,", () => {
  modifies('lending', 'bank-a');
  const honest = [[enterpriseMsp], [regulatorMsp]];

  it('writes the decision’s key alone: no offer and no notice rests on what its collection has not', async () => {
    const applicationId = await lending.decided(borrower, share, account);
    const decision = await lending.decision(applicationId);
    const key = `decision~${applicationId}`;
    const offer = lending.offerOf(applicationId);
    const [cited] = decision.deliveries;
    for (const [changes, code] of [
      [{ decision: sha256('another') }, 'DECISION_MISSING'],
      [{ status: 'PENDING', round: 0 }, 'DECISION_MISSING'],
      [{ deliveries: [{ ...cited, digest: sha256('another') }] }, 'DECISION_MISMATCH'],
      [{ deliveries: [] }, 'DECISION_MISMATCH'],
    ] as const) {
      await forge({ [key]: { ...decision, ...changes } }, [bankMsp]);
      expect(await refusals(officer, 'applications:Offer', offer, honest)).toBe(code);
    }
    const undecided = await lending.applied(borrower, account);
    await lending.submit(officer, 'applications:AttachEvidence', lending.evidence(undecided, share));
    const invented = { ...decision, applicationId: undecided };
    await forge({ [`decision~${undecided}`]: invented }, [bankMsp]);
    const notice = JSON.stringify(await lending.notice(applicationId));
    const notify = lending.endorse(officer, 'applications:Notify', { applicationId: undecided }, honest[0], {
      notice,
    });
    expect(await refusalOf(notify)).toBe('DECISION_MISSING');
    expect(await refusals(officer, 'applications:Offer', lending.offerOf(undecided), honest)).toBe(
      'STATE_CONFLICT',
    );
    await forge({ [key]: decision }, [bankMsp]);
    expect(
      await refusals(officer, 'applications:Offer', lending.offerOf(applicationId, { amount: '9' })),
    ).toBe('PRODUCT_LIMIT_EXCEEDED');
  });

  it('makes no dearer offer: its sheet is not the second endorser’s', async () => {
    const applicationId = await lending.decided(borrower, share, account);
    const offer = lending.offerOf(applicationId);
    for (const [second] of honest)
      expect(
        await refusalOf(lending.endorse(officer, 'applications:Offer', offer, [bankMsp, second ?? ''])),
      ).toContain('ProposalResponsePayloads do not match');
    expect(await lending.codeOf(lending.endorse(officer, 'applications:Offer', offer, [bankMsp]))).toBe(
      ENDORSEMENT_POLICY_FAILURE,
    );
    expect((await lending.view(applicationId)).application.state).toBe('DECIDED');
  });
});

describe('bank and platform together', () => {
  modifies('lending', 'bank-a', 'enterprise');

  it('change the terms after the acceptance, which the regulator’s peer does not pay out', async () => {
    const applicationId = await lending.accepted(borrower, share, account);
    const { offerId = '' } = (await lending.view(applicationId)).application;
    const { offer } = await lending.evaluate<{ offer: { sheet: { terms: object } } }>(
      officer,
      'applications:GetOffer',
      { offerId },
    );
    const terms = { ...offer.sheet.terms, rate: { kind: 'FIXED', annual: '0.2' } };
    await forge({ [`offer~${offerId}`]: { ...offer, sheet: { ...offer.sheet, terms } } }, both);
    const content = { applicationId, loanId: randomId(), enterprise: borrower.uscc };
    const proposed = await lending.propose('DISBURSE', content);
    expect(await refusals(approver, 'approvals:Approve', proposed)).toBe('TERMS_MISMATCH');
  });
});

describe('the tax office and the bank together', () => {
  modifies('sharing', 'tax', 'bank-a');

  it('put another delivery in the place of one that was decided on: nobody endorses an offer on it', async () => {
    const applicationId = await lending.decided(borrower, share, account);
    const { requestId } = share;
    const { request } = await scenario.request(requestId);
    const together = [taxMsp, bankMsp];
    await scenario.submit(
      officer,
      'Forge',
      { [`request~${requestId}`]: { ...request, digest: sha256('else') } },
      together,
    );
    expect(await refusals(officer, 'applications:Offer', lending.offerOf(applicationId))).toBe(
      'DECISION_MISMATCH',
    );
    await scenario.submit(officer, 'Forge', { [`request~${requestId}`]: request }, together);
    await lending.offered(applicationId);
  });
});
