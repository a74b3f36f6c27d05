import { randomBytes } from 'node:crypto';
import {
  bankA,
  exampleProduct,
  officer,
  platform,
  randomId,
  regulator,
  uscc,
  World,
  lending,
  sharing,
  user,
  otherUscc,
} from './world';
import { enterprise } from '../../registry/world';

const steady = () => 30_000_000;
const [vat, ...optional] = exampleProduct().evidence;
if (vat === undefined) throw new Error('the example product asks for VAT filings');

/** An application with its evidence attached, and what it rests on. */
async function attached(world: World, months = 12) {
  const records = await world.filings(months, steady);
  await world.consented();
  const requestId = await world.delivered(records);
  const applicationId = await world.applied();
  await world.attach(applicationId, [requestId]);
  return { records, requestId, applicationId };
}

describe('evidence that does not do', () => {
  it('is missing: nothing delivered, another type, or a field too few', async () => {
    const world = await World.open();
    const records = await world.filings(12, steady);
    await world.consented();
    const applicationId = await world.applied();
    const asked = await world.ask();
    await expect(world.attach(applicationId, [asked])).rejects.toThrow('EVIDENCE_MISSING[requestIds.0]');
    const narrow = await world.delivered(records, world.consent, {
      items: [{ recordType: 'vat-filing', fields: ['sales'] }],
    });
    await expect(world.attach(applicationId, [narrow])).rejects.toThrow(
      'EVIDENCE_MISSING[evidence.vat-filing]',
    );
    await expect(world.decide(applicationId)).rejects.toThrow('EVIDENCE_MISSING[applicationId]');
  });

  it('is missing once it was purged', async () => {
    const world = await World.open();
    const { applicationId, requestId } = await attached(world);
    const purger = { msp: bankA, attributes: { role: 'purge-agent' } };
    await world.share('Purge', { requestIds: [requestId] }, purger, [bankA]);
    await expect(world.attach(applicationId, [requestId])).rejects.toThrow('EVIDENCE_MISSING[requestIds.0]');
    await expect(world.decide(applicationId)).rejects.toThrow('PURGED');
  });

  it('is stale: delivered too long ago, or of periods too long ago', async () => {
    const world = await World.open();
    const { applicationId, requestId } = await attached(world);
    world.ledger.now += 31 * 86_400_000;
    await expect(world.attach(applicationId, [requestId])).rejects.toThrow(
      'EVIDENCE_STALE[evidence.vat-filing]',
    );

    const strict = await World.open({ evidence: [{ ...vat, maxAgeDays: 20 }, ...optional] });
    const old = await attached(strict);
    await expect(strict.decide(old.applicationId)).rejects.toThrow('EVIDENCE_STALE[evidence.vat-filing]');
  });

  it('is incomplete: a range too short, or months too few', async () => {
    const world = await World.open();
    const records = await world.filings(12, steady);
    await world.consented();
    const short = await world.delivered(records, world.consent, {
      range: { from: '2026-06-01', to: '2026-12-31' },
    });
    const applicationId = await world.applied();
    await expect(world.attach(applicationId, [short])).rejects.toThrow(
      'EVIDENCE_INCOMPLETE[evidence.vat-filing]',
    );

    const young = await World.open();
    const { applicationId: second } = await attached(young, 11);
    await expect(young.decide(second)).rejects.toThrow('EVIDENCE_INCOMPLETE[evidence.vat-filing]');
  });

  it('is superseded once the issuer has taken a record back', async () => {
    const world = await World.open();
    const { applicationId, records } = await attached(world);
    await world.revokeRecord(records[3]?.id ?? '');
    await expect(world.decide(applicationId)).rejects.toThrow('EVIDENCE_SUPERSEDED[evidence.vat-filing]');
  });

  it('is too weakly assured', async () => {
    const world = await World.open({ evidence: [{ ...vat, assurance: ['VERIFIED'] }, ...optional] });
    const { applicationId } = await attached(world);
    await expect(world.decide(applicationId)).rejects.toThrow('EVIDENCE_WEAK[evidence.vat-filing]');
  });

  it('is of another enterprise, under another consent, for another purpose', async () => {
    const world = await World.open();
    const { applicationId, requestId, records } = await attached(world);
    const first = world.consent;
    const other = await world.consented();
    await expect(world.attach(applicationId, [requestId], other.consentId)).rejects.toThrow(
      'NOT_YOUR_RECORD[requestIds.0]',
    );
    await world.registry.register(
      enterprise({
        uscc: otherUscc,
        signatories: world.people.map(({ signatory }) => signatory),
        mandate: { required: 2 },
      }),
    );
    const foreign = await world.consented({ enterprise: otherUscc });
    await expect(world.attach(applicationId, [requestId], foreign.consentId)).rejects.toThrow(
      'NOT_YOUR_RECORD[consentId]',
    );
    const strict = await World.open({ consentPurposes: ['CREDIT_REVIEW'] });
    await expect(attached(strict)).rejects.toThrow('BEYOND_CONSENT[consentId]');
    expect([first.enterprise, records.length]).toEqual([uscc, 12]);
  });

  it('ends with its consent: it can be neither attached nor decided on nor offered on', async () => {
    const world = await World.open();
    const { applicationId, requestId } = await attached(world, 24);
    const offered = await world.applied();
    await world.attach(offered, [requestId]);
    await world.decide(offered);
    await world.notify(offered);
    await world.revoke();
    await expect(world.attach(applicationId, [requestId])).rejects.toThrow('CONSENT_NOT_ACTIVE');
    await expect(world.decide(applicationId)).rejects.toThrow('CONSENT_NOT_ACTIVE');
    await expect(world.offer(offered)).rejects.toThrow('CONSENT_NOT_ACTIVE');
  });
});

describe('a decision', () => {
  it('is the bank’s alone to make, on its own peer, with a salt', async () => {
    const world = await World.open();
    const { applicationId } = await attached(world);
    await expect(
      world.submit('applications:Decide', { applicationId }, officer, [bankA], {
        responseKey: randomBytes(32).toString('base64url'),
      }),
    ).rejects.toThrow('INVALID_INPUT[salt]');
    await expect(
      world.submit('applications:Decide', { applicationId }, officer, [bankA], { salt: randomId() }),
    ).rejects.toThrow('RESPONSE_KEY_REQUIRED');
    await expect(
      world.submit('applications:Decide', { applicationId }, user(uscc), [bankA], {
        salt: randomId(),
        responseKey: randomId(),
      }),
    ).rejects.toThrow('UNAUTHORISED_ROLE');
    await world.decide(applicationId);
    await expect(world.decide(applicationId)).rejects.toThrow('ALREADY_EXISTS');
  });

  it('is given to the applicant as it was made', async () => {
    const world = await World.open();
    const { applicationId } = await attached(world);
    await expect(world.offer(applicationId)).rejects.toThrow('STATE_CONFLICT');
    await world.decide(applicationId);
    const { notice } = await world.readDecision(applicationId);
    for (const changes of [{ limit: '49000000' }, { reasons: ['OTHER'] }, { outcome: 'DECLINED' }])
      await expect(
        world.submit('applications:Notify', { applicationId }, officer, [bankA, platform], {
          notice: { ...notice, ...changes },
        }),
      ).rejects.toThrow('DECISION_MISMATCH[notice]');
    await expect(
      world.submit('applications:Notify', { applicationId }, officer, [bankA], { notice }),
    ).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
  });

  it('cannot be replaced by the bank once evidence and notice are given', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    const key = `decision~${applicationId}`;
    const decision = world.ledger.document(lending, 'lending', key) as object;
    world.ledger.tamper(lending, 'lending', key, { ...decision, decision: randomId() });
    await expect(world.offer(applicationId)).rejects.toThrow('DECISION_MISSING');
    world.ledger.tamper(lending, 'lending', key, { ...decision, deliveries: [] });
    await expect(world.offer(applicationId)).rejects.toThrow('DECISION_MISMATCH');
  });
});

describe('an offer', () => {
  it('stays within decision and product', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    await expect(world.offer(applicationId, { amount: '50000001' })).rejects.toThrow(
      'DECISION_MISMATCH[amount]',
    );
    await expect(world.offer(applicationId, { termMonths: 37 })).rejects.toThrow(
      'PRODUCT_LIMIT_EXCEEDED[termMonths]',
    );
    await expect(world.offer(applicationId, { amount: '999999' })).rejects.toThrow(
      'PRODUCT_LIMIT_EXCEEDED[amount]',
    );
    await expect(world.offer(applicationId, {}, [bankA])).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    await expect(world.offer(applicationId, {}, [platform, regulator])).rejects.toThrow(
      'ENDORSEMENT_POLICY_FAILURE',
    );
  });

  it('stays below the ceiling for its kind of lender, fees counted', async () => {
    const world = await World.open({
      lenderType: 'PRIVATE_LENDER',
      fees: [{ code: 'arrangement', rate: '0.06', amount: '0' }],
    });
    const applicationId = await world.decided();
    await expect(world.offer(applicationId)).rejects.toThrow('RATE_CEILING_EXCEEDED');
  });

  it('is refused where a delivery is another one than was decided on', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    const { application } = await world.view(applicationId);
    const requestId = application.evidence?.deliveries[0]?.requestId ?? '';
    const key = `request~${requestId}`;
    const request = world.ledger.document(sharing, 'sharing', key) as object;
    world.ledger.tamper(sharing, 'sharing', key, { ...request, digest: randomId() });
    await expect(world.offer(applicationId)).rejects.toThrow('DECISION_MISMATCH[evidence]');
  });
});

describe('an application', () => {
  it('is for its own enterprise, an open product, an amount and a purpose of the product', async () => {
    const world = await World.open();
    await expect(world.applied({ amount: '300000001' })).rejects.toThrow('PRODUCT_LIMIT_EXCEEDED[amount]');
    await expect(world.applied({ purpose: 'SPECULATION' })).rejects.toThrow(
      'PRODUCT_LIMIT_EXCEEDED[purpose]',
    );
    await expect(world.applied({ amount: '100000001' })).rejects.toThrow('INVALID_INPUT[payee]');
    await expect(world.applied({ product: { code: 'working-capital', version: 2 } })).rejects.toThrow(
      'NOT_FOUND',
    );
    const input = {
      applicationId: randomId(),
      product: { code: 'working-capital', version: 1 },
      amount: '50000000',
      termMonths: 12,
      purpose: 'STOCK',
      account: 'account-0000000000',
    };
    await expect(world.submit('applications:Apply', input, officer)).rejects.toThrow('UNAUTHORISED_ROLE');
    await world.submit('applications:Apply', input, user(uscc));
    await expect(world.submit('applications:Apply', input, user(uscc))).rejects.toThrow('ALREADY_EXISTS');
    await world.fourEyes('PUBLISH_PRODUCT', exampleProduct({ version: 2 }));
    await expect(world.applied()).rejects.toThrow('VERSION_CONFLICT');
    await expect(
      world.query('applications:Get', { applicationId: input.applicationId }, user(otherUscc)),
    ).rejects.toThrow('NOT_YOUR_RECORD');
    await expect(
      world.query(
        'applications:Get',
        { applicationId: input.applicationId },
        { msp: 'BankBMSP', attributes: { role: 'credit-officer' } },
      ),
    ).rejects.toThrow('NOT_YOUR_RECORD');
  });
});

describe('an acceptance', () => {
  it('takes the quorum, over this sheet and one direct debit that can collect it', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    await world.offer(applicationId);
    await expect(world.accept(applicationId, {}, [0])).rejects.toThrow('QUORUM_MISSING');
    await expect(world.accept(applicationId, {}, [1, 1])).rejects.toThrow('QUORUM_MISSING');
    await expect(world.accept(applicationId, { sheetDigest: randomId() })).rejects.toThrow(
      'STATEMENT_MISMATCH',
    );
    await expect(world.accept(applicationId, { channel: 'lending-bank-b' })).rejects.toThrow(
      'STATEMENT_MISMATCH',
    );
    await expect(world.accept(applicationId, {}, [0, 1], user(otherUscc))).rejects.toThrow('NOT_YOUR_RECORD');
    await expect(world.accept(applicationId, {}, [0, 1], officer)).rejects.toThrow('NOT_YOUR_RECORD');
    const good = { account: 'account-0000000000', cap: '10000000', expires: '2028-12-31' };
    for (const [debit, field] of [
      [{ ...good, account: 'account-9999999999' }, 'account'],
      [{ ...good, cap: '1000' }, 'cap'],
      [{ ...good, expires: '2027-11-23' }, 'expires'],
    ] as const)
      await expect(world.accept(applicationId, { directDebit: debit })).rejects.toThrow(
        `ACCEPTANCE_INVALID[directDebit.${field}]`,
      );
    const one = await world.sign(0, await world.statement(applicationId, { directDebit: good }));
    const two = await world.sign(
      1,
      await world.statement(applicationId, { directDebit: { ...good, cap: '20000000' } }),
    );
    const { application } = await world.view(applicationId);
    await expect(
      world.submit(
        'applications:Accept',
        { applicationId, offerId: application.offerId, acceptances: [one, two] },
        user(uscc),
      ),
    ).rejects.toThrow('STATEMENT_MISMATCH');
    await world.accept(applicationId);
    await expect(world.accept(applicationId)).rejects.toThrow('STATE_CONFLICT');
  });

  it('holds for the terms that were signed and no others', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    await world.offer(applicationId);
    const { offer } = await world.offerView(applicationId);
    const changed = {
      ...offer,
      sheet: { ...offer.sheet, terms: { ...offer.sheet.terms, principal: '60000000' } },
    };
    world.ledger.tamper(lending, 'lending', `offer~${offer.offerId}`, changed);
    await expect(world.accept(applicationId)).rejects.toThrow('OFFER_MISMATCH');
  });
});
