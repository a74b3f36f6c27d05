import path from 'node:path';
import { enterpriseIdentity } from '../../network/set-up/identities';
import type { OpenBank } from './bank';
import { applicationPath, decideOn, stateOf } from './loan';
import { shareOf } from './sharing';
import { Signatory } from './signatory';
import { expectStatus, yuan, type Stage } from './stage';

const amount = '30000000';
const termMonths = 12;

/** A firm in distress shares, applies and is declined; it reads why, and the bank cannot lend all the same. */
export async function decline(stage: Stage, bank: OpenBank): Promise<void> {
  const { narrator, context, signIn, weak } = stage;
  narrator.step(`Another firm, ${weak.name}, shares its records and applies for ${yuan(amount)}`);
  const signatory = await Signatory.open(path.join(context.directory, 'signatories'), weak.uscc);
  const shared = await shareOf(stage, weak, signatory);
  const user = await signIn('enterprise', enterpriseIdentity(weak.uscc));
  const { product, weakAccount: account } = bank;
  const wanted = { bank: 'BankAMSP', product, amount, termMonths, purpose: 'WAGES', account };
  const applied = expectStatus(await user.post('/v1/applications', wanted), 201, 'applying');
  const { applicationId } = applied.application as { readonly applicationId: string };
  const officer = await signIn('bank-a', 'credit-officer');
  const { result } = await decideOn(officer, applicationId, shared);

  const seen = expectStatus(await user.get(applicationPath(applicationId)), 200, 'reading the application');
  narrator.check('the application is DECLINED', stateOf(seen) === 'DECLINED', seen);
  const notice = expectStatus(
    await user.get(applicationPath(applicationId, '/notice')),
    200,
    'reading the notice',
  );
  const reasons = notice.reasons as readonly string[];
  for (const reason of reasons) narrator.says('applicant', reason);
  narrator.check(
    'it reads the reasons, those that the decision gave',
    notice.outcome === 'DECLINED' && reasons.length > 0 && reasons.join() === result.reasons.join(),
    { notice, result },
  );
  const offered = await officer.post(applicationPath(applicationId, '/offers'), { amount, termMonths });
  narrator.check(
    `the officer cannot offer it a loan: ${offered.status} ${String(offered.body.code)}`,
    offered.body.code === 'STATE_CONFLICT',
    offered,
  );
}
