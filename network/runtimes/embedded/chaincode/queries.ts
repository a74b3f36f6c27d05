import { ledger, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import type { HistoryIterator, KeyModification, KeyValue, RangeIterator } from '../ledger/types';

/** Results sent to the chaincode in one message; it asks for more. */
const BATCH_RESULTS = 100;

/** As `ledger.state.totalQueryLimit` of core.yaml: a query gives no more results than this. */
export const TOTAL_QUERY_LIMIT = 100_000;

interface ResultsIterator {
  /** The next result, serialised as the query's kind wants it. */
  next(): Promise<Uint8Array | undefined>;
  close(): void;
}

interface OpenQuery {
  readonly results: ResultsIterator;
  /** A result that was read when the batch was full already. */
  pending: Uint8Array | undefined;
  returned: number;
}

/** The queries that one transaction has open, by the ids that the chaincode refers to them by. */
export class OpenQueries {
  readonly #open = new Map<string, OpenQuery>();
  #lastId = 0;

  /** First batch of a range or of a private range. */
  range(namespace: string, iterator: RangeIterator): Promise<Uint8Array> {
    return this.#start({
      next: async () => {
        const result = await iterator.next();
        return result && serializeKeyValue(namespace, result);
      },
      close: () => iterator.close(),
    });
  }

  /** First batch of a key's history. */
  history(iterator: HistoryIterator): Promise<Uint8Array> {
    return this.#start({
      next: async () => {
        const result = await iterator.next();
        return result && serializeModification(result);
      },
      close: () => iterator.close(),
    });
  }

  /** A whole page with its bookmark. The iterator must have been opened with the page's size. */
  async page(namespace: string, iterator: RangeIterator): Promise<Uint8Array> {
    try {
      const results: Uint8Array[] = [];
      for (let result = await iterator.next(); result; result = await iterator.next()) {
        results.push(serializeKeyValue(namespace, result));
      }
      const metadata = new peer.QueryResponseMetadata();
      metadata.setFetchedRecordsCount(results.length);
      metadata.setBookmark(iterator.bookmark);
      const response = queryResponse(this.#nextId(), results, false);
      response.setMetadata(metadata.serializeBinary());
      return response.serializeBinary();
    } finally {
      iterator.close();
    }
  }

  /** The next batch of an open query. @throws where it is not open. */
  next(id: string): Promise<Uint8Array> {
    const query = this.#open.get(id);
    if (query === undefined) {
      return Promise.reject(new Error('query iterator not found'));
    }
    return this.#batch(id, query);
  }

  /** Closes a query; harmless where it is not open. */
  close(id: string): Uint8Array {
    this.#release(id);
    return queryResponse(id, [], false).serializeBinary();
  }

  /** Closes what the chaincode left open. */
  closeAll(): void {
    for (const id of [...this.#open.keys()]) {
      this.#release(id);
    }
  }

  #start(results: ResultsIterator): Promise<Uint8Array> {
    const id = this.#nextId();
    const query = { results, pending: undefined, returned: 0 };
    this.#open.set(id, query);
    return this.#batch(id, query);
  }

  async #batch(id: string, query: OpenQuery): Promise<Uint8Array> {
    const batch: Uint8Array[] = query.pending ? [query.pending] : [];
    query.pending = undefined;
    try {
      while (query.returned < TOTAL_QUERY_LIMIT) {
        const result = await query.results.next();
        if (result === undefined) {
          break;
        }
        query.returned += 1;
        if (batch.length === BATCH_RESULTS) {
          query.pending = result;
          return queryResponse(id, batch, true).serializeBinary();
        }
        batch.push(result);
      }
    } catch (error) {
      this.#release(id);
      throw error;
    }
    this.#release(id);
    return queryResponse(id, batch, false).serializeBinary();
  }

  #release(id: string): void {
    this.#open.get(id)?.results.close();
    this.#open.delete(id);
  }

  #nextId(): string {
    this.#lastId += 1;
    return String(this.#lastId);
  }
}

function queryResponse(id: string, results: readonly Uint8Array[], hasMore: boolean): peer.QueryResponse {
  const response = new peer.QueryResponse();
  response.setId(id);
  response.setHasMore(hasMore);
  response.setResultsList(
    results.map((bytes) => {
      const result = new peer.QueryResultBytes();
      result.setResultbytes(bytes);
      return result;
    }),
  );
  return response;
}

function serializeKeyValue(namespace: string, { key, value }: KeyValue): Uint8Array {
  const message = new ledger.queryresult.KV();
  message.setNamespace(namespace);
  message.setKey(key);
  message.setValue(value);
  return message.serializeBinary();
}

function serializeModification(modification: KeyModification): Uint8Array {
  const timestamp = new Timestamp();
  timestamp.setSeconds(modification.timestamp.seconds);
  timestamp.setNanos(modification.timestamp.nanos);
  const message = new ledger.queryresult.KeyModification();
  message.setTxId(modification.txId);
  message.setValue(modification.value);
  message.setTimestamp(timestamp);
  message.setIsDelete(modification.isDelete);
  return message.serializeBinary();
}
