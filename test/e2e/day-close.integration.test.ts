import { soak } from '../../bench/soak';
import { freePorts, testRuntime } from '../support/network';

/**
 * The same portfolio closed twice from the same ledger, undisturbed and with agents, chaincode and network killed at random
 * moments. `npm run soak` does it with ten thousand loans.
 */
it('ends in the same state whoever is killed while days are closed, by two agents at once', async () => {
  const { quiet, disturbed, killed } = await soak({
    runtime: testRuntime,
    plan: { loans: 40, due: 24, short: 8, arrears: 4 },
    days: testRuntime === 'native' ? 4 : 6,
    kills: testRuntime === 'native' ? 3 : 5,
    page: 25,
    agents: 2,
    portBase: await freePorts(),
    progress: () => undefined,
  });
  expect(Object.values(killed).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
  expect(disturbed).toBe(quiet);
}, 300_000);
