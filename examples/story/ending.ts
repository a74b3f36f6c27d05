import { connectOrganisation } from '../../network/client/connect';
import { enterpriseIdentity } from '../../network/set-up/identities';
import type { Shared } from './sharing';
import { expectStatus, until, type Stage } from './stage';

/** Neither the other bank nor another enterprise learns anything, through its gateway or its own peer. */
export async function othersSeeNothing(
  { narrator, context, neighbour, signIn }: Stage,
  { consentId, requestIds }: Shared,
): Promise<void> {
  narrator.step('Bank B and another enterprise try');
  const [requestId = ''] = requestIds;
  const bankB = await signIn('bank-b', 'credit-officer');
  for (const what of [
    `/v1/consents/${consentId}`,
    `/v1/data-requests/${requestId}`,
    `/v1/deliveries/${requestId}`,
  ]) {
    const { status, body } = await bankB.get(what);
    narrator.check(
      `bank B's gateway knows nothing of ${what.split('/')[2] ?? ''}: ${status} ${String(body.code)}`,
      status === 404,
      body,
    );
  }
  const connection = connectOrganisation(context.directory, 'bank-b', 'credit-officer');
  try {
    const contract = connection.gateway.getNetwork('sharing-bank-a').getContract('sharing');
    const answer = await contract
      .evaluate('ReadDelivery', { arguments: [JSON.stringify({ requestId })] })
      .then(
        () => 'an answer',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    narrator.check(
      `bank B's own peer does not know the channel: ${answer.slice(0, 90)}`,
      answer !== 'an answer',
    );
  } finally {
    connection.close();
  }
  const other = await signIn('enterprise', enterpriseIdentity(neighbour.uscc));
  const consent = await other.get(`/v1/consents/${consentId}`);
  narrator.check(
    'another enterprise does not see the consent',
    consent.status === 403 || consent.status === 404,
    consent,
  );
}

/** The borrower reads its log, one signatory revokes, the bank's data is purged. */
export async function end(stage: Stage, { consentId, requestIds }: Shared): Promise<void> {
  const { narrator, borrower, signatories, signIn } = stage;
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  narrator.step('The borrower reads its access log');
  await showLog(stage, [
    'CONSENT_REQUESTED',
    'CONSENT_SIGNED',
    'DATA_REQUESTED',
    'DATA_OFFERED',
    'DATA_DELIVERED',
  ]);

  narrator.step('One signatory revokes');
  const view = expectStatus(await user.get(`/v1/consents/${consentId}`), 200, 'reading the consent');
  const [, director] = signatories;
  const { statement } = await director.sign('REVOKE', view);
  expectStatus(await user.post(`/v1/consents/${consentId}/stops`, { statement }), 200, 'revoking');
  narrator.says(director.name, 'signs the revocation alone, and lodges it');
  const bank = await signIn('bank-a', 'credit-officer');
  const [requestId = ''] = requestIds;
  const consent = expectStatus(await bank.get(`/v1/consents/${consentId}`), 200, 'reading the consent');
  narrator.check('the consent is REVOKED', consent.state === 'REVOKED', consent);
  const refused = await bank.get(`/v1/deliveries/${requestId}`);
  narrator.check(
    `reading is refused at once: ${refused.status} ${String(refused.body.code)}`,
    refused.status >= 400 && ['CONSENT_NOT_ACTIVE', 'PURGED'].includes(String(refused.body.code)),
    refused,
  );

  narrator.step("Bank A's purge agent purges");
  for (const id of requestIds) {
    const purged = await until(
      'the purge',
      () => bank.get(`/v1/data-requests/${id}`),
      ({ held }) => held === false,
    );
    narrator.check(
      'the private hash is gone from the ledger: the proof, not the bank’s word',
      (purged.purge as Record<string, unknown>).status === 'PURGED',
      purged,
    );
  }
  await showLog(stage, ['CONSENT_STOPPED', 'DATA_PURGED']);
}

/** What the signed loan cites was sealed before the purge; an auditor opens it, and the borrower sees that. */
export async function openEvidence(stage: Stage, { requestIds }: Shared): Promise<void> {
  const { narrator, signIn } = stage;
  const [requestId = ''] = requestIds;
  narrator.step('An auditor of bank A opens the evidence that the signed loan cites');
  const auditor = await signIn('bank-a', 'auditor');
  const { archive } = expectStatus(
    await auditor.get(`/v1/data-requests/${requestId}`),
    200,
    'reading the request',
  ) as { readonly archive: { readonly status: string; readonly until?: string } };
  narrator.check(
    `it is sealed until ${archive.until?.slice(0, 10) ?? ''}, as the consent said before it was signed`,
    archive.status === 'SEALED',
    archive,
  );
  const officer = await signIn('bank-a', 'credit-officer');
  const refused = await officer.post(`/v1/archives/${requestId}/openings`, { reason: 'CURIOSITY' });
  narrator.check(`a credit officer may not: ${refused.status}`, refused.status === 403, refused);
  const { openingId } = expectStatus(
    await auditor.post(`/v1/archives/${requestId}/openings`, { reason: 'LOAN_AUDIT' }),
    201,
    'opening',
  );
  const evidence = expectStatus(
    await auditor.get(`/v1/archives/${requestId}/openings/${String(openingId)}/delivery`),
    200,
    'reading the evidence',
  );
  narrator.check(
    'the auditor reads what the decision rested on',
    (evidence.presentations as readonly unknown[]).length > 0,
    Object.keys(evidence),
  );
  await showLog(stage, ['DATA_ARCHIVED', 'ARCHIVE_OPENED']);
}

async function showLog({ narrator, borrower, signIn }: Stage, expected: readonly string[]): Promise<void> {
  const user = await signIn('enterprise', enterpriseIdentity(borrower.uscc));
  const log = expectStatus(await user.get('/v1/access-log?pageSize=100'), 200, 'reading the log');
  const entries = log.items as readonly {
    readonly at: string;
    readonly event: string;
    readonly bank: string;
    readonly issuer?: string;
  }[];
  for (const { at, event, bank, issuer = '' } of entries.filter((entry) => expected.includes(entry.event)))
    narrator.says('borrower', `${at}  ${event.padEnd(18)} ${bank} ${issuer}`);
  const seen = new Set(entries.map(({ event }) => event));
  narrator.check(
    `it shows ${expected.join(', ')}`,
    expected.every((event) => seen.has(event)),
    [...seen],
  );
}
