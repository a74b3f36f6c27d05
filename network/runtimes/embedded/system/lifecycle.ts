import { peer } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology/topology';
import type { ChaincodeDefinition } from '../ledger/types';
import { LIFECYCLE } from '../lifecycle/definitions';
import { checkAccess } from '../peer/access';
import { required, type SystemChaincode, type SystemQuery } from './system';

/** Queries of `_lifecycle` about the channel of the proposal. Definitions come from the topology, not through this. */
export function lifecycle(topology: Topology): SystemChaincode {
  return (query) => {
    switch (query.fn) {
      case 'QueryChaincodeDefinition':
        checkCaller(query);
        return Promise.resolve(queryDefinition(query));
      case 'QueryChaincodeDefinitions':
        checkCaller(query);
        return Promise.resolve(queryDefinitions(query, topology));
      default:
        throw new Error(`the function ${query.fn} of ${LIFECYCLE} is not supported by the embedded runtime`);
    }
  };
}

function checkCaller({ proposal, channel, fn }: SystemQuery): void {
  checkAccess(channel.ledger.resources, `${LIFECYCLE}/${fn}`, {
    data: proposal.signed.getProposalBytes_asU8(),
    identity: proposal.creator,
    signature: proposal.signed.getSignature_asU8(),
  });
}

function queryDefinition(query: SystemQuery): Uint8Array {
  const { ledger } = query.channel;
  const { QueryChaincodeDefinitionArgs } = peer.lifecycle;
  const name = QueryChaincodeDefinitionArgs.deserializeBinary(required(query, 0)).getName();
  const definition = ledger.definition(name);
  if (definition === undefined || name === LIFECYCLE) {
    throw new Error(
      `failed to invoke backing implementation of 'QueryChaincodeDefinition': namespace ${name} is not defined`,
    );
  }
  return definitionResult(definition, ledger.resources.members).serializeBinary();
}

function queryDefinitions({ channel }: SystemQuery, topology: Topology): Uint8Array {
  const result = new peer.lifecycle.QueryChaincodeDefinitionsResult();
  for (const { name } of topology.chaincodes) {
    const definition = channel.ledger.definition(name);
    if (definition !== undefined) {
      const entry = new peer.lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
      entry.setName(name);
      entry.setSequence(definition.sequence);
      entry.setVersion(definition.version);
      entry.setEndorsementPlugin('escc');
      entry.setValidationPlugin('vscc');
      entry.setValidationParameter(definition.endorsement);
      result.addChaincodeDefinitions(entry);
    }
  }
  return result.serializeBinary();
}

function definitionResult(
  definition: ChaincodeDefinition,
  members: readonly string[],
): peer.lifecycle.QueryChaincodeDefinitionResult {
  const result = new peer.lifecycle.QueryChaincodeDefinitionResult();
  result.setSequence(definition.sequence);
  result.setVersion(definition.version);
  result.setEndorsementPlugin('escc');
  result.setValidationPlugin('vscc');
  result.setValidationParameter(definition.endorsement);
  for (const member of members) {
    result.getApprovalsMap().set(member, true);
  }
  return result;
}
