import { common, peer } from '@hyperledger/fabric-protos';
import type { SimulationResults } from '../ledger/types';

/** One entry of `peer.ChaincodeInterest`: whose endorsements a transaction needs on account of a chaincode. */
export interface InterestCall {
  readonly chaincode: string;
  /** Undefined for the public state. */
  readonly collection: string | undefined;
  /** True where the collection is written but not read: endorsers that do not belong to it can compute the same. */
  readonly noPrivateReads: boolean;
  /** Serialised `common.SignaturePolicyEnvelope` of keys that carry a policy. */
  readonly keyPolicies: readonly Uint8Array[];
  /** True where every key written has a policy of its own, so that the chaincode's does not count. */
  readonly disregardNamespacePolicy: boolean;
}

const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

interface NamespaceNeeds {
  readonly keyPolicies: Uint8Array[];
  /** Collection (empty: public) to whether its policy is needed. */
  readonly required: Map<string, boolean>;
}

/**
 * What a simulation needs, by `buildChaincodeInterest` of Fabric's endorser. `touched` are the namespaces of which
 * state was read or written.
 */
export function interestOf(results: SimulationResults, touched: ReadonlySet<string>): InterestCall[] {
  const namespaces = new Map<string, NamespaceNeeds>();
  const needs = (namespace: string): NamespaceNeeds => {
    let entry = namespaces.get(namespace);
    if (entry === undefined) {
      entry = { keyPolicies: [], required: new Map([['', false]]) };
      namespaces.set(namespace, entry);
    }
    return entry;
  };
  for (const { namespace, collection, metadata } of results.writtenKeys) {
    const policy = metadata.get(VALIDATION_PARAMETER);
    if (policy === undefined) {
      needs(namespace).required.set(collection, true);
    } else {
      needs(namespace).keyPolicies.push(policy);
    }
  }
  for (const namespace of touched) {
    if (!namespaces.has(namespace)) {
      needs(namespace).required.set('', true);
    }
  }
  const privateReads = new Set<string>();
  for (const { namespace, collection } of results.privateReads) {
    needs(namespace).required.set(collection, true);
    privateReads.add(`${namespace}\0${collection}`);
  }
  return [...namespaces].flatMap(([chaincode, { keyPolicies, required }]) =>
    [...required].flatMap(([collection, isRequired]): InterestCall[] => {
      if (collection !== '') {
        const noPrivateReads = !privateReads.has(`${chaincode}\0${collection}`);
        const none = { keyPolicies: [], disregardNamespacePolicy: false };
        return [{ chaincode, collection, noPrivateReads, ...none }];
      }
      if (keyPolicies.length === 0 && !isRequired) {
        return [];
      }
      const disregardNamespacePolicy = !isRequired;
      return [
        { chaincode, collection: undefined, noPrivateReads: false, keyPolicies, disregardNamespacePolicy },
      ];
    }),
  );
}

/** The protobuf form, for clients of `ProcessProposal`. */
export function interestMessage(calls: readonly InterestCall[]): peer.ChaincodeInterest {
  const interest = new peer.ChaincodeInterest();
  interest.setChaincodesList(
    calls.map((call) => {
      const message = new peer.ChaincodeCall();
      message.setName(call.chaincode);
      message.setCollectionNamesList(call.collection === undefined ? [] : [call.collection]);
      message.setNoPrivateReads(call.noPrivateReads);
      message.setKeyPoliciesList(
        call.keyPolicies.map((policy) => common.SignaturePolicyEnvelope.deserializeBinary(policy)),
      );
      message.setDisregardNamespacePolicy(call.disregardNamespacePolicy);
      return message;
    }),
  );
  return interest;
}
