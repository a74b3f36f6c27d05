import type { NetworkContext } from '../../network/runtimes/runtime';

/** Says where everything is and what to try. */
export function printAddresses({ topology, directory }: NetworkContext): void {
  console.log('\nThe consortium is up. Gateways:');
  for (const { name, ports } of topology.organisations)
    console.log(
      `   ${name.padEnd(20)} http://127.0.0.1:${ports.gateway}   API: http://127.0.0.1:${ports.gateway}/docs`,
    );
  const bank = topology.organisations.find(({ roles }) => roles.includes('bank'));
  const regulator = topology.organisations.find(({ roles }) => roles.includes('regulator'));
  const base = (port: number | undefined): string => `http://127.0.0.1:${port ?? 0}`;
  console.log(`
Try:
   TOKEN=$(curl -s ${base(bank?.ports.gateway)}/dev/token -H 'content-type: application/json' -d '{"subject":"credit-officer"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
   curl -s ${base(bank?.ports.gateway)}/v1/consents -H "authorization: Bearer $TOKEN"
   curl -s ${base(bank?.ports.gateway)}/v1/record-types -H "authorization: Bearer $TOKEN"
   curl -s ${base(bank?.ports.gateway)}/v1/applications -H "authorization: Bearer $TOKEN"
   curl -s ${base(bank?.ports.gateway)}/v1/business-days/current -H "authorization: Bearer $TOKEN"
   curl -s ${base(regulator?.ports.gateway)}/v1/health
   npm run lending -- trial-balance --organisation regulator --channel lending-bank-a --directory ${directory}
   npm run network -- status --directory ${directory}

Ctrl-C stops everything; the ledger stays in ${directory}.`);
}
