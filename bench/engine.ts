import { Command } from 'commander';
import { events, parseTerms, riskFactors } from '../chaincode/lending/engine/actus';
import { positive } from '../network/cli/numbers';
import { printTable, throughput } from './measure';

/** A five-year loan that pays every month and whose rate is reset every quarter. */
const common = {
  contractID: 'bench',
  contractRole: 'RPA',
  currency: 'CNY',
  statusDate: '2024-12-31T00:00:00',
  initialExchangeDate: '2025-01-20T00:00:00',
  notionalPrincipal: '3000000',
  nominalInterestRate: '0.0435',
  dayCountConvention: 'A360',
  calendar: 'MF',
  businessDayConvention: 'SCF',
  cycleAnchorDateOfInterestPayment: '2025-02-20T00:00:00',
  cycleOfInterestPayment: 'P1ML1',
  cycleAnchorDateOfRateReset: '2025-04-20T00:00:00',
  cycleOfRateReset: 'P3ML1',
  marketObjectCodeOfRateReset: 'LPR1Y',
  rateSpread: '0.0135',
};

const amortizing = {
  cycleAnchorDateOfPrincipalRedemption: '2025-02-20T00:00:00',
  cycleOfPrincipalRedemption: 'P1ML1',
};

const contracts = {
  PAM: { ...common, contractType: 'PAM', maturityDate: '2030-01-20T00:00:00' },
  LAM: { ...common, ...amortizing, contractType: 'LAM', maturityDate: '2030-01-20T00:00:00' },
  ANN: { ...common, ...amortizing, contractType: 'ANN', amortizationDate: '2030-01-20T00:00:00' },
};

const market = riskFactors({
  LPR1Y: [
    { timestamp: '2024-12-20', value: '0.031' },
    { timestamp: '2025-05-20', value: '0.03' },
  ],
});

async function measure(seconds: number): Promise<void> {
  const rows = [];
  for (const [type, json] of Object.entries(contracts)) {
    const count = events(parseTerms(json), market).length;
    // From the JSON terms on, as a contract that has read them from the ledger would.
    const row = await throughput(`${type}, 60 months, ${count} events`, 1, seconds, () =>
      Promise.resolve(events(parseTerms(json), market)),
    );
    rows.push({ ...row, name: `schedules: ${row.name}` });
    rows.push({ ...row, name: `events: ${type}`, perSecond: row.perSecond * count });
  }
  printTable(rows);
}

new Command('bench:engine')
  .description('Measures the lending engine on one core: whole contracts, and their events, a second.')
  .option('--seconds <number>', 'seconds for each measurement', positive, 5)
  .action(({ seconds }: { seconds: number }) => measure(seconds))
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
