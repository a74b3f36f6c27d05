import type { ConsentView } from '../../../chaincode/sharing/model';
import { signerOf } from '../../../gateway/issuer';
import type { TestIdentity } from '../../support/chaincode/ledger';
import {
  attester,
  enterprise,
  newSignatory,
  otherUscc,
  platform,
  tax,
  user,
  uscc,
  vatFiling,
} from '../registry/world';
import { channel, Scene, taxAgent, vat } from './scene';

describe('sharing over the real registry', () => {
  it('delivers what a department attested, and refuses what it has revoked', async () => {
    const scene = await Scene.open();
    const { registry } = scene;
    const january = await registry.issue();
    const february = await registry.issue({ seq: 2, period: { from: '2026-02-01', to: '2026-02-28' } });
    await registry.store([january, february]);
    await registry.anchor([january, february]);
    const artefact = await scene.consented(vat);
    const request = await scene.ask(artefact);
    const signer = registry.signer('tax-shanghai');
    await scene.deliver(request, [january, february], signer, taxAgent);
    const { presentations } = await scene.read(request.requestId);
    expect(presentations.map(({ disclosures }) => disclosures.length)).toEqual([2, 2]);

    await expect(scene.deliver(await scene.ask(artefact), [january], signer, taxAgent)).rejects.toThrow(
      'COMPLETENESS_GAP',
    );
    const revision = { id: february.id, status: 'REVOKED', reason: 'ISSUED_IN_ERROR' };
    await registry.submit('ReviseRecord', revision, attester, [tax]);
    await expect(
      scene.deliver(await scene.ask(artefact), [january, february], signer, taxAgent),
    ).rejects.toThrow('RECORD_NOT_ACTIVE');
  });

  it("refuses a record whose anchor two colluding organisations wrote in the issuer's name", async () => {
    const scene = await Scene.open();
    const { registry } = scene;
    const forged = await registry.issue();
    const anchor = {
      id: forged.id,
      msp: tax,
      handle: forged.handle,
      seq: 1,
      digest: forged.digest,
      status: 'ACTIVE',
      attestedAt: '2026-11-01T00:00:00.000Z',
    };
    registry.ledger.tamper('registry', 'registry', `record~${forged.id}`, anchor);
    registry.ledger.tamper('registry', 'registry', `head~${forged.handle}`, {
      msp: tax,
      seq: 1,
      id: forged.id,
    });
    const artefact = await scene.consented(vat);
    const release = scene.deliver(
      await scene.ask(artefact),
      [forged],
      registry.signer('tax-shanghai'),
      taxAgent,
    );
    await expect(release).rejects.toThrow('RECORD_NOT_ANCHORED');
  });

  it('takes no consent from signatories that the registering department did not sign', async () => {
    const scene = await Scene.open();
    const artefact = await scene.consented(vat);
    const key = `enterprise~${uscc}`;
    const honest = scene.registry.ledger.document('registry', 'registry', key) as { signature: string };
    const mandate = { required: 1 };
    const forged = { entry: scene.entry({ mandate }), signature: honest.signature };
    scene.registry.ledger.tamper('registry', 'registry', key, forged);
    await expect(scene.ask(artefact)).rejects.toThrow('ENTERPRISE_SIGNATURE_INVALID');
  });

  it('delivers what another enterprise attested about its supplier', async () => {
    const scene = await Scene.open();
    const { registry, clerk } = scene;
    await registry.register(
      enterprise({
        uscc: otherUscc,
        name: 'Buyer Ltd',
        signatories: [newSignatory().signatory, clerk.signatory],
      }),
    );
    const issuer = `enterprise:${otherUscc}`;
    const signer = await signerOf(issuer, clerk.privateJwk);
    const day = '2026-03-05';
    const payment = await registry.issue(
      {
        ...vatFiling,
        recordType: 'payment',
        period: { from: day, to: day },
        assurance: 'ISSUED',
        fields: { orderNumber: 'PO-1', buyer: otherUscc, amount: '500000', dueOn: day, paidOn: day },
        handle: Buffer.alloc(32, 9).toString('base64url'),
      },
      signer,
    );
    const buyer: TestIdentity = { msp: platform, attributes: { role: 'platform-agent' } };
    await registry.store([payment], user(otherUscc));
    await registry.anchor([payment], user(otherUscc));
    const artefact = await scene.consented([{ recordType: 'payment', issuer, fields: ['amount', 'paidOn'] }]);
    const request = await scene.ask(artefact);
    expect(request.provider).toBe(platform);
    await scene.deliver(request, [payment], signer, buyer);
    expect((await scene.read(request.requestId)).presentations).toHaveLength(1);
  });

  it('shows an enterprise its own consents only', async () => {
    const scene = await Scene.open();
    const { consentId } = await scene.consented(vat);
    const asUser = (code: string) =>
      scene.registry.ledger.evaluate({
        channel,
        chaincode: 'sharing',
        function: 'GetConsent',
        input: { consentId },
        caller: user(code),
      });
    expect((JSON.parse(await asUser(uscc)) as ConsentView).state).toBe('ACTIVE');
    await expect(asUser(otherUscc)).rejects.toThrow(/NOT_YOUR_RECORD|UNAUTHORISED_ROLE/);
  });
});
