import { digestOf } from '../../../../chaincode/ledger/canonical';
import type { Mandate, Notice } from '../../../../chaincode/lending/applications/model';
import {
  applicant,
  bankA,
  lending,
  officer,
  otherUscc,
  platform,
  regulator,
  supervisor,
  user,
  World,
} from './world';

describe('an application', () => {
  it('goes from consented evidence to a loan that two of three signatories signed', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    const { decision, notice } = await world.readDecision(applicationId);
    expect(decision.result).toMatchObject({ outcome: 'APPROVED', grade: 'B' });
    expect(decision.records).toHaveLength(24);
    expect(await world.read<Notice>('applications:ReadNotice', { applicationId }, applicant)).toEqual(notice);

    await world.offer(applicationId);
    const { offer, text } = await world.offerView(applicationId);
    expect(offer.sheet).toMatchObject({ annualRate: '0.0485', leastDebitCap: expect.any(String) as string });
    expect(offer.sheet.schedule).toHaveLength(12);
    expect(Number(offer.sheet.allInAnnualRate)).toBeGreaterThan(0.05);
    expect(text.join('\n')).toContain('CNY 500,000.00 for 12 months');

    await world.accept(applicationId);
    const { application } = await world.view(applicationId);
    expect(application.state).toBe('ACCEPTED');
    const mandate = await world.query<Mandate>('applications:GetMandate', { applicationId }, applicant);
    expect(mandate.signatories).toHaveLength(2);
    expect(mandate.sheetDigest).toBe(digestOf(offer.sheet));
  });

  it('leaves nothing of the decision in public', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    const { decision } = await world.readDecision(applicationId);
    const texts = [...world.ledger.state(lending, 'lending').public]
      .filter(([key]) => /^(application|decision)~/.test(key))
      .map(([, { value }]) => value.toString('utf8'));
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).not.toContain(decision.result.limit);
      expect(text).not.toContain(decision.salt);
      for (const { value } of decision.result.metrics)
        if (value !== null && value.length > 3) expect(text).not.toContain(value);
      for (const { id } of decision.records) expect(text).not.toContain(id);
    }
    const collections = [...world.ledger.state(lending, 'lending').private.keys()].sort();
    expect(collections).toEqual([`_implicit_org_${bankA}`, `_implicit_org_${platform}`]);
  });

  it('is declined with reasons that the applicant alone reads, and reviewed once', async () => {
    const world = await World.open();
    const applicationId = await world.decided((index) => (index < 12 ? 30_000_000 : 200_000));
    const { application } = await world.view(applicationId);
    expect(application.state).toBe('DECLINED');
    const notice = await world.read<Notice>('applications:ReadNotice', { applicationId }, applicant);
    expect(notice.outcome).toBe('DECLINED');
    expect(notice.reasons.length).toBeGreaterThan(0);
    await expect(world.read('applications:ReadNotice', { applicationId }, user(otherUscc))).rejects.toThrow(
      'NOT_YOUR_RECORD',
    );
    await expect(world.offer(applicationId)).rejects.toThrow('STATE_CONFLICT');

    await world.submit('applications:RequestReview', { applicationId }, applicant);
    await world.decide(applicationId);
    await world.notify(applicationId);
    await expect(world.submit('applications:RequestReview', { applicationId }, applicant)).rejects.toThrow(
      'STATE_CONFLICT',
    );
  });

  it('is overridden by two officers with a reason, and by no single one', async () => {
    const world = await World.open();
    const applicationId = await world.decided((index) => (index < 12 ? 30_000_000 : 200_000));
    const content = {
      applicationId,
      round: 1,
      outcome: 'APPROVED',
      reason: 'KNOWN_CUSTOMER',
      limit: '50000000',
      grade: 'C',
    };
    const both = { ...officer, attributes: { ...officer.attributes, role: 'credit-officer,approver' } };
    await expect(world.fourEyes('OVERRIDE_DECISION', content, both, both)).rejects.toThrow('SAME_PERSON');
    await expect(world.fourEyes('OVERRIDE_DECISION', { ...content, limit: '900000000' })).rejects.toThrow(
      'PRODUCT_LIMIT_EXCEEDED',
    );
    await world.fourEyes('OVERRIDE_DECISION', content);
    await world.offer(applicationId);
    const { application } = await world.view(applicationId);
    expect(application).toMatchObject({ state: 'OFFERED', approval: { grade: 'C', limit: '50000000' } });
  });

  it('takes a counter-offer in place of the first offer', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    await world.offer(applicationId);
    const first = await world.statement(applicationId);
    await world.offer(applicationId, { amount: '30000000', termMonths: 6 }, [bankA, regulator]);
    const acceptances = await Promise.all([0, 1].map((index) => world.sign(index, first)));
    await expect(
      world.submit('applications:Accept', { applicationId, offerId: first.offerId, acceptances }, applicant),
    ).rejects.toThrow('OFFER_MISMATCH');
    await world.accept(applicationId);
  });

  it('is withdrawn by the applicant, and lapses when time has run out', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    await world.offer(applicationId);
    await expect(world.submit('applications:Lapse', { applicationId }, officer)).rejects.toThrow(
      'STATE_CONFLICT',
    );
    world.ledger.tamper(lending, 'lending', 'business-date', { date: '2026-12-09', state: 'OPEN' });
    await expect(world.accept(applicationId)).rejects.toThrow('OFFER_EXPIRED');
    await world.submit('applications:Lapse', { applicationId }, officer);
    const second = await world.applied();
    await expect(
      world.submit('applications:Withdraw', { applicationId: second }, user(otherUscc)),
    ).rejects.toThrow('NOT_YOUR_RECORD');
    await world.submit('applications:Withdraw', { applicationId: second }, applicant);
    expect((await world.view(second)).application.state).toBe('WITHDRAWN');
  });

  it('stops with the regulator, and goes on with it', async () => {
    const world = await World.open();
    const applicationId = await world.decided();
    const code = world.product.code;
    await world.submit('products:Suspend', { code, reason: 'SANDBOX_LIMIT' }, supervisor, [regulator]);
    await expect(world.offer(applicationId)).rejects.toThrow('PRODUCT_NOT_OPEN');
    await expect(world.applied()).rejects.toThrow('PRODUCT_NOT_OPEN');
    await expect(
      world.submit('products:Resume', { code }, { msp: bankA, attributes: { role: 'supervisor' } }, [bankA]),
    ).rejects.toThrow('UNAUTHORISED_ROLE');
    await world.submit('products:Resume', { code }, supervisor, [regulator]);
    await world.offer(applicationId);
  });
});
