import { soak } from '../../bench/soak';
import { freePorts } from '../support/network';

/**
 * The same portfolio closed twice from the same ledger, undisturbed and with agents, gateways, chaincode and network killed at
 * random moments. `npm run soak` does it with ten thousand loans, and with `-- --runtime native` on real Fabric, for which
 * continuous integration has no time.
 */
it('ends in the same state whoever is killed while days are closed, by two agents at once', async () => {
  const { quiet, disturbed, totals, killed } = await soak({
    runtime: 'embedded',
    plan: { loans: 40, due: 24, short: 8, arrears: 4 },
    days: 6,
    kills: 5,
    page: 25,
    agents: 2,
    portBase: await freePorts(),
    progress: () => undefined,
  });
  expect(Object.values(killed).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
  // Twelve loans lack money; what they have, and the instalments of the others, was collected.
  expect(totals.pastDue).toBe(12);
  expect(BigInt(totals.collected)).toBeGreaterThan(8n * 3000n);
  expect(disturbed).toBe(quiet);
}, 300_000);
