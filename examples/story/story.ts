import path from 'node:path';
import { dayOf } from '../../chaincode/ledger/calendar';
import type { NetworkContext } from '../../network/runtimes/runtime';
import { defaultSample, generateSample } from '../sample/generate';
import { lastMonthOn } from '../sample/months';
import { askWithoutSeeing } from './answers';
import { openBank } from './bank';
import { closeTheBooks } from './books';
import { extractsOfBuyers, importOrders } from './buyers';
import { decline } from './declined';
import { end, openEvidence, othersSeeNothing } from './ending';
import { examineStatement, importExtracts, registerEnterprises } from './loading';
import { lend } from './loan';
import type { Narrator } from './narrator';
import { share } from './sharing';
import { Signatory } from './signatory';
import { signInAt, type Stage } from './stage';
import { liveThroughTheYear } from './year';

/**
 * Loads the sample consortium and plays one share from attestation to purge, and one loan that rests on it from
 * application to the last repayment, through the gateways' APIs, as its parties would.
 *
 * The sample's books end with the last month that is filed today: a bank decides on fresh records only.
 *
 * @param count how many of the sample's enterprises to load.
 * @throws at the first claim that does not hold.
 */
export async function playStory(context: NetworkContext, narrator: Narrator, count: number): Promise<void> {
  const sample = generateSample({ ...defaultSample, through: lastMonthOn(dayOf(Date.now())) });
  const enterprises = sample.enterprises.slice(0, Math.max(3, count));
  const [borrower, neighbour, weak] = enterprises;
  if (borrower === undefined || neighbour === undefined || weak === undefined)
    throw new Error('the sample is empty');
  const buyerExtracts = extractsOfBuyers(sample.buyerExtracts, new Set(enterprises.map(({ uscc }) => uscc)));
  const keys = path.join(context.directory, 'signatories', borrower.uscc);
  const stage: Stage = {
    context,
    narrator,
    sample,
    enterprises,
    buyerExtracts,
    buyers: sample.enterprises.filter(({ uscc }) => buyerExtracts.some(({ buyer }) => buyer === uscc)),
    borrower,
    neighbour,
    weak,
    signatories: [
      await Signatory.create(keys, 'legal-representative'),
      await Signatory.create(keys, 'director'),
      await Signatory.create(keys, 'finance'),
    ],
    signIn: signInAt(context),
  };
  await registerEnterprises(stage);
  await importExtracts(stage);
  await importOrders(stage);
  await examineStatement(stage);
  const shared = await share(stage);
  await othersSeeNothing(stage, shared);
  await askWithoutSeeing(stage);
  const bank = await openBank(stage);
  const paidOut = await lend(stage, bank, shared);
  await decline(stage, bank);
  await liveThroughTheYear(stage, bank, paidOut);
  await closeTheBooks(stage, bank, paidOut);
  await end(stage, shared);
  await openEvidence(stage, shared);
}
