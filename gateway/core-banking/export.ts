import type { Gateway } from '@hyperledger/fabric-gateway';
import { JournalEntry } from '../../chaincode/lending/books/model';
import { check } from '../../chaincode/ledger/parse';
import { channelHeight, readWrites, type Write } from '../../network/client/blocks';
import type { PostingSink } from './adapter';

const entryCheck = check(JournalEntry);

/**
 * Hands every journal entry of a lending channel to the core system, in the ledger's order, from where the sink left off up
 * to the channel's last block. Call it again and again.
 *
 * @returns how many entries were handed over.
 * @throws where the peer does not answer or the sink refuses; what was taken until then is taken.
 */
export async function exportPostings(gateway: Gateway, channel: string, sink: PostingSink): Promise<number> {
  const height = await channelHeight(gateway, channel);
  let count = 0;
  for await (const { block, writes } of readWrites(gateway, channel, 'lending', {
    from: sink.next(),
    height,
  })) {
    const entries = writes.flatMap(entryOf);
    sink.take({ block, entries });
    count += entries.length;
  }
  return count;
}

function entryOf({ key, value }: Write): JournalEntry[] {
  if (!key.startsWith('entry~') || value === undefined) return [];
  return [entryCheck.require(JSON.parse(value), 'STATE_INVALID', 'entry')];
}
