import { common, peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition, DefinitionSource, StateReader } from '../ledger/types';

/** The system chaincode, and namespace, in which a channel's chaincode definitions are. */
export const LIFECYCLE = '_lifecycle';

const METADATA_TYPE = 'ChaincodeDefinition';
const FIELDS = ['Collections', 'EndorsementInfo', 'Sequence', 'ValidationInfo'];

/** Key of a field of a definition, as Fabric's lifecycle lays its public state out (lifecycle.go). */
function fieldKey(chaincode: string, field: string): string {
  return `namespaces/fields/${chaincode}/${field}`;
}

/** Every endorsed transaction reads this key, so that a change of the definition invalidates what is under way. */
export function sequenceKey(chaincode: string): string {
  return fieldKey(chaincode, 'Sequence');
}

/** The keys and values that hold a definition. */
export function definitionState(definition: ChaincodeDefinition): Map<string, Uint8Array> {
  const metadata = new peer.lifecycle.StateMetadata();
  metadata.setDatatype(METADATA_TYPE);
  metadata.setFieldsList(FIELDS);

  const sequence = new peer.lifecycle.StateData();
  sequence.setInt64(definition.sequence);

  const endorsementInfo = new peer.lifecycle.ChaincodeEndorsementInfo();
  endorsementInfo.setVersion(definition.version);
  endorsementInfo.setEndorsementPlugin('escc');

  const validationInfo = new peer.lifecycle.ChaincodeValidationInfo();
  validationInfo.setValidationPlugin('vscc');
  validationInfo.setValidationParameter(definition.endorsement);

  const { name } = definition;
  return new Map([
    [`namespaces/metadata/${name}`, metadata.serializeBinary()],
    [fieldKey(name, 'Collections'), bytesData(new peer.CollectionConfigPackage().serializeBinary())],
    [fieldKey(name, 'EndorsementInfo'), bytesData(endorsementInfo.serializeBinary())],
    [sequenceKey(name), sequence.serializeBinary()],
    [fieldKey(name, 'ValidationInfo'), bytesData(validationInfo.serializeBinary())],
  ]);
}

function bytesData(bytes: Uint8Array): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setBytes(bytes);
  return data.serializeBinary();
}

/** A chaincode's policy in the form that definitions carry. */
export function signatureApplicationPolicy(envelope: common.SignaturePolicyEnvelope): Uint8Array {
  const policy = new peer.ApplicationPolicy();
  policy.setSignaturePolicy(envelope);
  return policy.serializeBinary();
}

function referencedPolicy(path: string): Uint8Array {
  const policy = new peer.ApplicationPolicy();
  policy.setChannelConfigPolicyReference(path);
  return policy.serializeBinary();
}

/** Definitions as the channel's `_lifecycle` namespace has them; `_lifecycle` itself is built in. */
export class LifecycleDefinitions implements DefinitionSource {
  /** A definition never changes under its sequence number. */
  readonly #parsed = new Map<string, ChaincodeDefinition>();
  readonly #lifecycle: ChaincodeDefinition = {
    name: LIFECYCLE,
    version: 'syscc',
    sequence: 1,
    endorsement: referencedPolicy('/Channel/Application/LifecycleEndorsement'),
  };

  definition(chaincode: string, state: StateReader): ChaincodeDefinition | undefined {
    if (chaincode === LIFECYCLE) {
      return this.#lifecycle;
    }
    const sequence = state.state(LIFECYCLE, sequenceKey(chaincode));
    if (sequence === undefined) {
      return undefined;
    }
    const key = `${chaincode}\0${Buffer.from(sequence).toString('hex')}`;
    let definition = this.#parsed.get(key);
    if (definition === undefined) {
      definition = readDefinition(chaincode, sequence, state);
      this.#parsed.set(key, definition);
    }
    return definition;
  }
}

function readDefinition(name: string, sequence: Uint8Array, state: StateReader): ChaincodeDefinition {
  const field = (key: string): Uint8Array => {
    const data = state.state(LIFECYCLE, fieldKey(name, key));
    return data === undefined
      ? new Uint8Array()
      : peer.lifecycle.StateData.deserializeBinary(data).getBytes_asU8();
  };
  const endorsementInfo = peer.lifecycle.ChaincodeEndorsementInfo.deserializeBinary(field('EndorsementInfo'));
  const validationInfo = peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(field('ValidationInfo'));
  return {
    name,
    version: endorsementInfo.getVersion(),
    sequence: peer.lifecycle.StateData.deserializeBinary(sequence).getInt64(),
    endorsement: validationInfo.getValidationParameter_asU8(),
  };
}
