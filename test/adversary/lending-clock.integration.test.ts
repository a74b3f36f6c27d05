import path from 'node:path';
import { addDays } from '../../chaincode/ledger/calendar';
import { projectRoot } from '../../network/topology/project';
import { testNetwork } from '../support/network';
import { bankMsp, enterpriseMsp, officer, platform, servicer } from './actors';
import { Clients, refusalOf } from './clients';

/** A bank that would run its books ahead of the calendar, to take interest of days that have not been. */

const on = 'lending-bank-a';
const alone = [[bankMsp], [enterpriseMsp]];

let clients: Clients;

beforeAll(async () => {
  const consortium = path.join(projectRoot, 'test', 'adversary', 'real-clock.yaml');
  clients = new Clients(await testNetwork({ consortium }));
}, 300_000);

afterAll(() => clients.close());

/** The calendar date, UTC+8. */
const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const submit = (name: string, input: unknown, actor = servicer) =>
  clients.submit(actor, name, input, [bankMsp, enterpriseMsp], { on });

it('closes no day before it is over', async () => {
  const date = today();
  const refused = async (name: string, input: unknown, code: string, actor = servicer) => {
    for (const endorsers of alone)
      expect(await refusalOf(clients.endorse(actor, name, input, endorsers, { on }))).toBe(code);
  };
  await refused('days:Begin', { date: addDays(date, 1) }, 'BUSINESS_DATE_AHEAD');
  for (const actor of [officer, platform]) await refused('days:Begin', { date }, 'UNAUTHORISED_ROLE', actor);
  const [before, yesterday] = [addDays(date, -2), addDays(date, -1)];
  await submit('days:Begin', { date: before });
  await refused('days:Begin', { date }, 'ALREADY_EXISTS');
  await submit('days:CloseWhole', { date: before, loans: 10 });
  await submit('days:StartClose', { date: yesterday });
  await submit('days:ClosePage', { date: yesterday, loans: 10 });
  await submit('days:Complete', { date: yesterday });
  // After its cut-off, what moves money would count from a day that has not come.
  for (const name of ['days:CloseWhole', 'days:StartClose'])
    await refused(
      name,
      { date, ...(name === 'days:CloseWhole' ? { loans: 10 } : {}) },
      'BUSINESS_DATE_AHEAD',
    );
  expect(await clients.evaluate(servicer, 'days:Get', {}, { on })).toEqual({ date, state: 'OPEN' });
});
