import { digestOf } from '../../chaincode/ledger/canonical';
import { checkSetUp } from '../../chaincode/registry/consortium';
import type { Consortium, Department, SetUpInput } from '../../chaincode/registry/model';
import type { Channel, Organisation, Topology } from '../topology/topology';
import { loadPurposes, loadRecordTypes } from './catalogue';
import { departmentKey } from './department-keys';

/** Keys made at set-up may sign what was issued long before it. */
const keysFrom = '2000-01-01';

/**
 * What `SetUp` writes: the topology's organisations, departments and channels, the departments' keys (made on disk where
 * there are none), and the catalogue of record types and purposes.
 *
 * @param directory the network's directory.
 * @throws ContractError `INVALID_INPUT` where it does not hold together, as the contract would.
 */
export async function consortiumState(topology: Topology, directory: string): Promise<SetUpInput> {
  const recordTypes = loadRecordTypes();
  const organisations: Consortium['organisations'] = [];
  for (const organisation of topology.organisations)
    organisations.push({
      msp: organisation.msp,
      name: organisation.name,
      roles: [...organisation.roles],
      departments: await departmentsOf(organisation, directory),
    });
  const state: SetUpInput = {
    consortium: {
      name: topology.name,
      version: 1,
      organisations,
      channels: topology.channels.map((channel) => channelState(topology, channel)),
      recordTypes: Object.fromEntries(recordTypes.map((type) => [type.code, digestOf(type)])),
      purposes: loadPurposes(),
    },
    recordTypes,
  };
  checkSetUp(state);
  return state;
}

async function departmentsOf(organisation: Organisation, directory: string): Promise<Department[]> {
  const departments: Department[] = [];
  for (const { id, name, region, registers, recordTypes } of organisation.departments)
    departments.push({
      id,
      name,
      region,
      registers,
      recordTypes: [...recordTypes],
      keys: [{ ...(await departmentKey(directory, organisation.name, id)), from: keysFrom }],
    });
  return departments;
}

/** A `sharing-` or `lending-` channel has one bank among its members: it is that bank's. */
function channelState(topology: Topology, channel: Channel): Consortium['channels'][number] {
  const banks = topology.organisations.filter(
    ({ msp, roles }) => roles.includes('bank') && channel.members.includes(msp),
  );
  const [bank] = banks;
  const owned = /^(sharing|lending)-/.test(channel.name) && banks.length === 1 && bank !== undefined;
  return {
    name: channel.name,
    clockSkewSeconds: channel.clockSkewSeconds,
    ...(owned ? { bank: bank.msp } : {}),
    ...(channel.simulatedClock ? { simulatedClock: true } : {}),
  };
}
