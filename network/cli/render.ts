import type { IdentityDescription } from '../identity/identities';
import type { NetworkStatus } from './network';

/** `network status` for people. */
export function renderStatus(status: NetworkStatus): string {
  const started =
    status.startedAt === undefined
      ? 'never completely up'
      : `${status.up ? 'up since' : 'last brought up'} ${status.startedAt}`;
  return [
    `${status.up ? 'running' : 'not (fully) running'} on ${status.runtime}, ${started}`,
    `consortium ${status.consortium}`,
    `directory  ${status.directory}`,
    '',
    ...table(
      ['ORGANISATION', 'MSP', 'ROLES', 'CHANNELS'],
      status.organisations.map(({ name, msp, roles, channels }) => [
        name,
        msp,
        roles.join(', '),
        channels.join(', '),
      ]),
    ),
    '',
    ...table(
      ['CHANNEL', 'HEIGHT', 'CHAINCODES', 'MEMBERS'],
      status.channels.map(({ name, height, chaincodes, members }) => [
        name,
        String(height),
        chaincodes
          .map((chaincode) => `${chaincode.name} ${chaincode.version} #${chaincode.sequence}`)
          .join(', '),
        members.join(', '),
      ]),
    ),
    '',
    ...table(
      ['PROCESS', 'STATE', 'PID'],
      status.processes.map(({ name, running, pid }) => [
        name,
        state(running),
        pid === undefined ? '' : String(pid),
      ]),
    ),
    ...(status.gateways.length === 0
      ? []
      : [
          '',
          ...table(
            ['GATEWAY', 'STATE', 'ADDRESS'],
            status.gateways.map(({ organisation, running, url }) => [organisation, state(running), url]),
          ),
        ]),
    ...status.remarks.map((remark) => `\nremark: ${remark}`),
  ].join('\n');
}

/** `network identity list` for people. */
export function renderIdentities(identities: readonly IdentityDescription[]): string {
  return table(
    ['ORGANISATION', 'IDENTITY', 'UNITS', 'VALID UNTIL', 'ATTRIBUTES'],
    identities.map(({ organisation, id, units, notAfter, attributes }) => [
      organisation,
      id,
      units.join(', '),
      notAfter.toISOString().slice(0, 10),
      Object.entries(attributes)
        .filter(([name]) => !name.startsWith('hf.'))
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ]),
  ).join('\n');
}

function state(running: boolean): string {
  return running ? 'running' : 'stopped';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
