import { endOf, heightBytes, historyKey } from './keys';
import type { HistoryIterator, KeyModification, Version } from './types';
import type { StateView, StoreWrite } from './channel-store';

/** Record of one change of a public key. The value is kept beside it: reading a history parses no blocks. */
export function historyWrite(
  namespace: string,
  key: string,
  version: Version,
  change: KeyModification,
): StoreWrite {
  const head = Buffer.from(
    JSON.stringify({
      txId: change.txId,
      seconds: change.timestamp.seconds,
      nanos: change.timestamp.nanos,
      isDelete: change.isDelete,
    }),
  );
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(head.length);
  return {
    type: 'put',
    key: Buffer.concat([historyKey(namespace, key), heightBytes(version.block, version.transaction)]),
    value: Buffer.concat([length, head, change.value]),
  };
}

function readHistory(bytes: Buffer): KeyModification {
  const end = 4 + bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.toString('utf8', 4, end)) as {
    txId: string;
    seconds: number;
    nanos: number;
    isDelete: boolean;
  };
  return {
    txId: head.txId,
    timestamp: { seconds: head.seconds, nanos: head.nanos },
    isDelete: head.isDelete,
    value: bytes.subarray(end),
  };
}

/** Changes of a key as the view knows them, newest first. */
export function historyIterator(view: StateView, namespace: string, key: string): HistoryIterator {
  const start = historyKey(namespace, key);
  const iterator = view.iterator({ gte: start, lt: endOf(start), reverse: true });
  let closed = false;
  return {
    next: async () => {
      if (closed) return undefined;
      const pair = await iterator.next();
      return pair === undefined ? undefined : readHistory(pair[1]);
    },
    close: () => {
      if (closed) return;
      closed = true;
      void iterator.close();
    },
  };
}
