import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition } from '../ledger/types';
import { LIFECYCLE } from '../lifecycle/definitions';
import { checkAccess } from '../peer/access';
import { required, type SystemChaincode, type SystemQuery } from './system';

/** Queries of `_lifecycle` about the channel of the proposal. Definitions come from the topology, not through this. */
export const lifecycle: SystemChaincode = (query) => {
  switch (query.fn) {
    case 'QueryChaincodeDefinition':
      return Promise.resolve(queryDefinition(query));
    default:
      throw new Error(`the function ${query.fn} of ${LIFECYCLE} is not supported by the embedded runtime`);
  }
};

function queryDefinition(query: SystemQuery): Uint8Array {
  const { signed, creator } = query.proposal;
  const { ledger } = query.channel;
  checkAccess(ledger.resources, `${LIFECYCLE}/${query.fn}`, {
    data: signed.getProposalBytes_asU8(),
    identity: creator,
    signature: signed.getSignature_asU8(),
  });
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
