import { peer } from '@hyperledger/fabric-protos';
import type { Metadata, TransactionSimulator } from '../ledger/types';
import type { TransactionRequests } from './connection';
import { OpenQueries, TOTAL_QUERY_LIMIT } from './queries';

const MessageType = peer.ChaincodeMessage.Type;
const EMPTY = new Uint8Array();

/** Where one chaincode executes: the namespace that it reads and writes, in which simulation. */
export interface ExecutionScope {
  readonly namespace: string;
  readonly simulator: TransactionSimulator;
  /** Told of a namespace of which state was read or written: its policy will be asked for. */
  readonly touched: (namespace: string) => void;
  /** Runs the chaincode that a `ChaincodeSpec` names; gives the serialised final message of the callee. */
  readonly invoke: (spec: peer.ChaincodeSpec) => Promise<Uint8Array>;
}

/**
 * What a chaincode may ask its peer during one execution, over the simulation of its transaction. Collections of
 * this runtime are the organisations' implicit ones, to which no membership rule of the caller applies.
 */
export class StateRequests implements TransactionRequests {
  readonly #scope: ExecutionScope;
  readonly #queries = new OpenQueries();

  constructor(scope: ExecutionScope) {
    this.#scope = scope;
  }

  /** Closes the queries that the chaincode left open. */
  close(): void {
    this.#queries.closeAll();
  }

  async handle(message: peer.ChaincodeMessage): Promise<Uint8Array> {
    const payload = message.getPayload_asU8();
    switch (message.getType()) {
      case MessageType.GET_STATE:
        return this.#getState(peer.GetState.deserializeBinary(payload));
      case MessageType.GET_PRIVATE_DATA_HASH:
        return this.#getPrivateDataHash(peer.GetState.deserializeBinary(payload));
      case MessageType.PUT_STATE:
        return this.#putState(peer.PutState.deserializeBinary(payload));
      case MessageType.DEL_STATE:
        return this.#delState(peer.DelState.deserializeBinary(payload));
      case MessageType.PURGE_PRIVATE_DATA:
        return this.#purge(peer.DelState.deserializeBinary(payload));
      case MessageType.GET_STATE_METADATA:
        return this.#getMetadata(peer.GetStateMetadata.deserializeBinary(payload));
      case MessageType.PUT_STATE_METADATA:
        return this.#putMetadata(peer.PutStateMetadata.deserializeBinary(payload));
      case MessageType.GET_STATE_BY_RANGE:
        return this.#range(peer.GetStateByRange.deserializeBinary(payload));
      case MessageType.GET_HISTORY_FOR_KEY:
        return this.#history(peer.GetHistoryForKey.deserializeBinary(payload));
      case MessageType.QUERY_STATE_NEXT:
        return this.#queries.next(peer.QueryStateNext.deserializeBinary(payload).getId());
      case MessageType.QUERY_STATE_CLOSE:
        return this.#queries.close(peer.QueryStateClose.deserializeBinary(payload).getId());
      case MessageType.GET_QUERY_RESULT:
        throw new Error('rich queries are not supported: the state database is LevelDB');
      case MessageType.INVOKE_CHAINCODE:
        return this.#scope.invoke(peer.ChaincodeSpec.deserializeBinary(payload));
      default:
        throw new Error('this message is not supported by the embedded runtime');
    }
  }

  #touchedSimulator(): TransactionSimulator {
    this.#scope.touched(this.#scope.namespace);
    return this.#scope.simulator;
  }

  #getState(request: peer.GetState): Uint8Array {
    const { namespace } = this.#scope;
    const collection = request.getCollection();
    const simulator = this.#touchedSimulator();
    const value =
      collection === ''
        ? simulator.getState(namespace, request.getKey())
        : simulator.getPrivateData(namespace, collection, request.getKey());
    return value ?? EMPTY;
  }

  #getPrivateDataHash(request: peer.GetState): Uint8Array {
    const hash = this.#touchedSimulator().getPrivateDataHash(
      this.#scope.namespace,
      request.getCollection(),
      request.getKey(),
    );
    return hash ?? EMPTY;
  }

  #putState(request: peer.PutState): Uint8Array {
    const { namespace } = this.#scope;
    const collection = request.getCollection();
    const value = request.getValue_asU8();
    if (collection === '') {
      this.#touchedSimulator().putState(namespace, request.getKey(), value);
    } else {
      this.#touchedSimulator().putPrivateData(namespace, collection, request.getKey(), value);
    }
    return EMPTY;
  }

  #delState(request: peer.DelState): Uint8Array {
    const { namespace } = this.#scope;
    const collection = request.getCollection();
    if (collection === '') {
      this.#touchedSimulator().putState(namespace, request.getKey(), undefined);
    } else {
      this.#touchedSimulator().putPrivateData(namespace, collection, request.getKey(), undefined);
    }
    return EMPTY;
  }

  #purge(request: peer.DelState): Uint8Array {
    if (request.getCollection() === '') {
      throw new Error('only applicable for private data');
    }
    this.#touchedSimulator().purgePrivateData(
      this.#scope.namespace,
      request.getCollection(),
      request.getKey(),
    );
    return EMPTY;
  }

  #getMetadata(request: peer.GetStateMetadata): Uint8Array {
    const { namespace } = this.#scope;
    const collection = request.getCollection();
    const simulator = this.#touchedSimulator();
    const metadata: Metadata =
      collection === ''
        ? simulator.getStateMetadata(namespace, request.getKey())
        : simulator.getPrivateDataMetadata(namespace, collection, request.getKey());
    const result = new peer.StateMetadataResult();
    for (const [name, value] of metadata) {
      const entry = new peer.StateMetadata();
      entry.setMetakey(name);
      entry.setValue(value);
      result.addEntries(entry);
    }
    return result.serializeBinary();
  }

  #putMetadata(request: peer.PutStateMetadata): Uint8Array {
    const { namespace } = this.#scope;
    const entry = request.getMetadata();
    const metadata = new Map(entry ? [[entry.getMetakey(), entry.getValue_asU8()]] : []);
    const collection = request.getCollection();
    if (collection === '') {
      this.#touchedSimulator().setStateMetadata(namespace, request.getKey(), metadata);
    } else {
      this.#touchedSimulator().setPrivateDataMetadata(namespace, collection, request.getKey(), metadata);
    }
    return EMPTY;
  }

  #range(request: peer.GetStateByRange): Promise<Uint8Array> {
    const { namespace } = this.#scope;
    const simulator = this.#touchedSimulator();
    const collection = request.getCollection();
    const start = request.getStartkey();
    const end = request.getEndkey();
    if (collection !== '') {
      return this.#queries.range(namespace, simulator.getPrivateDataRange(namespace, collection, start, end));
    }
    const page = pagination(request.getMetadata_asU8());
    if (page === undefined) {
      return this.#queries.range(namespace, simulator.getStateRange(namespace, start, end));
    }
    const from = page.bookmark === '' ? start : page.bookmark;
    return this.#queries.page(namespace, simulator.getStateRange(namespace, from, end, page.size));
  }

  #history(request: peer.GetHistoryForKey): Promise<Uint8Array> {
    const { namespace, simulator } = this.#scope;
    return this.#queries.history(simulator.getHistoryForKey(namespace, request.getKey()));
  }
}

interface Page {
  readonly size: number;
  readonly bookmark: string;
}

/** The page asked for, if one is: Fabric takes a query with neither size nor bookmark as an ordinary one. */
function pagination(metadata: Uint8Array): Page | undefined {
  const page = peer.QueryMetadata.deserializeBinary(metadata);
  const size = page.getPagesize();
  const bookmark = page.getBookmark();
  if (size === 0 && bookmark === '') {
    return undefined;
  }
  return { size: size > 0 ? Math.min(size, TOTAL_QUERY_LIMIT) : TOTAL_QUERY_LIMIT, bookmark };
}
