import { common, peer } from '@hyperledger/fabric-protos';
import { mspOfCollection } from './collections';
import { hashedKey, stateKey } from './keys';
import { parseMetadata, validationParameter } from './metadata';
import type { NamespaceRwset } from '../../../blocks/rwsets';
import type { EndorsedAction, ParsedTransaction } from './envelope';
import type { StateView } from './channel-store';
import type { ChaincodeDefinition, ValidationCode } from './types';
import { IdentityError, type ChannelResources, type Identity, type Policy } from '../msp/types';

const codes = peer.TxValidationCode;

/** What validation of a block looks at: the state before the block. */
export interface ValidationContext {
  readonly blockNumber: number;
  readonly resources: ChannelResources;
  readonly view: StateView;
  definition(chaincode: string): ChaincodeDefinition | undefined;
  isCommitted(txId: string): boolean;
}

/** Outcome before reads are checked. */
export interface Validated {
  readonly code: ValidationCode;
  /** The creator did sign it and the id is new: what was staged under the id belongs to it. */
  readonly authentic: boolean;
}

/** True where Fabric counts the set as a write, whose namespace's policy must hold. */
function writes({ rwset, collections }: NamespaceRwset): boolean {
  return (
    rwset.getWritesList().length > 0 ||
    rwset.getMetadataWritesList().length > 0 ||
    collections.some(
      (collection) =>
        collection.rwset.getHashedWritesList().length > 0 ||
        collection.rwset.getMetadataWritesList().length > 0,
    )
  );
}

/** Validates the transactions of one block, in order, up to the endorsement policies. */
export class BlockValidator {
  readonly #context: ValidationContext;
  /** Store keys whose metadata a transaction of this block that passed changes. */
  readonly #metadataChanged = new Set<string>();
  readonly #valid = new Set<string>();

  constructor(context: ValidationContext) {
    this.#context = context;
  }

  /** Call once for each transaction of the block, in order. */
  validate(transaction: ParsedTransaction): Validated {
    const { malformedHeader, malformedBody, action, txId } = transaction;
    const refused = (code: ValidationCode): Validated => ({ code, authentic: false });
    // The genesis block is the operator's, unsigned, and not validated by Fabric's peer either.
    if (this.#context.blockNumber === 0) return refused(codes.VALID);
    if (malformedHeader !== undefined) return refused(malformedHeader);
    const { resources } = this.#context;
    if (transaction.channel !== resources.channel) return refused(codes.TARGET_CHAIN_NOT_FOUND);
    if (transaction.type === common.HeaderType.CONFIG) {
      // Updates would need Fabric's configuration rules, which this runtime does not have.
      return refused(codes.INVALID_CONFIG_TRANSACTION);
    }
    if (!this.#signedByCreator(transaction)) return refused(codes.BAD_CREATOR_SIGNATURE);
    if (malformedBody === codes.INVALID_ENDORSER_TRANSACTION) return refused(malformedBody);
    if (malformedBody === codes.BAD_PROPOSAL_TXID) return refused(malformedBody);
    if (malformedBody === codes.UNSUPPORTED_TX_PAYLOAD) return refused(malformedBody);
    if (this.#context.isCommitted(txId)) return refused(codes.DUPLICATE_TXID);
    if (malformedBody !== undefined) return refused(malformedBody);
    if (action === undefined) return refused(codes.INVALID_OTHER_REASON);
    const code = this.#validateAction(action);
    if (code === codes.VALID) {
      if (this.#valid.has(txId)) return refused(codes.DUPLICATE_TXID);
      this.#valid.add(txId);
      this.#noteMetadata(action);
    }
    return { code, authentic: true };
  }

  #signedByCreator({ creator, payload, signature }: ParsedTransaction): boolean {
    try {
      return this.#context.resources.msps.identity(creator).verify(payload, signature);
    } catch (error) {
      if (error instanceof IdentityError) return false;
      throw error;
    }
  }

  #validateAction(action: EndorsedAction): ValidationCode {
    if (action.endorsedChaincode === undefined) return codes.INVALID_OTHER_REASON;
    if (action.chaincode === '' || action.chaincode !== action.endorsedChaincode || action.version === '') {
      return codes.INVALID_CHAINCODE;
    }
    if (action.event !== undefined && action.event.getChaincodeId() !== action.chaincode) {
      return codes.INVALID_OTHER_REASON;
    }
    const namespaces = new Set(action.rwsets.map(({ namespace }) => namespace));
    if (namespaces.size !== action.rwsets.length) return codes.ILLEGAL_WRITESET;
    const written = new Set([
      action.chaincode,
      ...action.rwsets.filter(writes).map(({ namespace }) => namespace),
    ]);
    const endorsers = this.#endorsers(action);
    for (const namespace of written) {
      const definition = this.#context.definition(namespace);
      if (definition === undefined) return codes.INVALID_CHAINCODE;
      const set = action.rwsets.find((candidate) => candidate.namespace === namespace);
      if (!this.#endorsementHolds(definition, set, endorsers)) {
        return codes.ENDORSEMENT_POLICY_FAILURE;
      }
    }
    // LevelDB takes any key, and so does Fabric's peer; the shim and this runtime's simulation refuse an empty one.
    const emptyKey = action.rwsets.some(({ rwset }) =>
      rwset.getWritesList().some((write) => write.getKey() === ''),
    );
    return emptyKey ? codes.INVALID_WRITESET : codes.VALID;
  }

  /** Distinct identities with a good signature over the proposal response. Expiry does not count here. */
  #endorsers({ endorsements, proposalResponse }: EndorsedAction): Identity[] {
    const { msps } = this.#context.resources;
    const seen = new Set<string>();
    const endorsers: Identity[] = [];
    for (const endorsement of endorsements) {
      const serialized = endorsement.getEndorser_asU8();
      const name = Buffer.from(serialized).toString('latin1');
      if (seen.has(name)) continue;
      let identity: Identity;
      try {
        identity = msps.identity(serialized);
      } catch (error) {
        if (error instanceof IdentityError) continue;
        throw error;
      }
      const message = Buffer.concat([proposalResponse, serialized]);
      if (!identity.verify(message, endorsement.getSignature_asU8())) continue;
      seen.add(name);
      endorsers.push(identity);
    }
    return endorsers;
  }

  /** After Fabric's `statebased` v2.0 evaluator. */
  #endorsementHolds(
    definition: ChaincodeDefinition,
    set: NamespaceRwset | undefined,
    endorsers: readonly Identity[],
  ): boolean {
    const { resources } = this.#context;
    const chaincodePolicy = resources.applicationPolicy(definition.endorsement);
    /** Collections whose policy, or '' where the chaincode's, has held. */
    const held = new Set<string>();
    const seen = { keyPolicy: false };

    const check = (storeKey: Buffer, collection: string): boolean => {
      const name = storeKey.toString('latin1');
      // An earlier transaction of the block changed the key's policy: endorsers could not know which holds.
      if (this.#metadataChanged.has(name)) return false;
      const parameter = parseMetadata(this.#context.view.get(storeKey)?.metadata).get(validationParameter);
      if (parameter !== undefined && parameter.length > 0) {
        seen.keyPolicy = true;
        return resources.signaturePolicy(parameter).evaluateIdentities(endorsers);
      }
      if (held.has(collection)) return true;
      const policy = collection === '' ? chaincodePolicy : this.#collectionPolicy(collection);
      if (policy?.evaluateIdentities(endorsers) !== true) return false;
      held.add(collection);
      return true;
    };

    if (set !== undefined && !everyWrite(set, check)) return false;
    // A transaction that writes nothing under any of these needs the chaincode's policy (FAB-9473).
    return seen.keyPolicy || held.size > 0 || chaincodePolicy.evaluateIdentities(endorsers);
  }

  /** Of an implicit collection: the endorsement policy of its organisation. Undefined for any other. */
  #collectionPolicy(collection: string): Policy | undefined {
    const { resources } = this.#context;
    const msp = mspOfCollection(collection);
    const group = msp === undefined ? undefined : resources.memberGroup(msp);
    return group === undefined ? undefined : resources.policy(`/Channel/Application/${group}/Endorsement`);
  }

  #noteMetadata({ rwsets }: EndorsedAction): void {
    const note = (key: Buffer) => this.#metadataChanged.add(key.toString('latin1'));
    for (const { namespace, rwset, collections } of rwsets) {
      for (const write of rwset.getMetadataWritesList()) note(stateKey(namespace, write.getKey()));
      for (const collection of collections) {
        for (const write of collection.rwset.getMetadataWritesList()) {
          note(hashedKey(namespace, collection.name, write.getKeyHash_asU8()));
        }
      }
    }
  }
}

/** Calls `check` for each key that is written, in Fabric's order, until one fails. */
function everyWrite(
  { namespace, rwset, collections }: NamespaceRwset,
  check: (storeKey: Buffer, collection: string) => boolean,
): boolean {
  const publicHolds = (key: string): boolean => check(stateKey(namespace, key), '');
  return (
    rwset.getWritesList().every((write) => publicHolds(write.getKey())) &&
    rwset.getMetadataWritesList().every((write) => publicHolds(write.getKey())) &&
    collections.every(({ name, rwset: hashed }) =>
      hashed
        .getHashedWritesList()
        .every((write) => check(hashedKey(namespace, name, write.getKeyHash_asU8()), name)),
    ) &&
    collections.every(({ name, rwset: hashed }) =>
      hashed
        .getMetadataWritesList()
        .every((write) => check(hashedKey(namespace, name, write.getKeyHash_asU8()), name)),
    )
  );
}
