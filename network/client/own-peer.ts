import { randomBytes } from 'node:crypto';
import { openResponse, responseKeyEntry } from '../../chaincode/ledger/sealed';
import type { Connection } from './connect';

/** Asks an organisation's own peer, as one of its people. */
export interface Peer {
  /** Evaluates and parses the answer. */
  evaluate(channel: string, chaincode: string, name: string, input: unknown): Promise<unknown>;
  /** As {@link evaluate}, for an answer that is sealed under a one-time key. */
  readPrivate(channel: string, chaincode: string, name: string, input: unknown): Promise<unknown>;
}

/** A client of the peer behind a connection. */
export function ownPeer({ gateway }: Pick<Connection, 'gateway'>): Peer {
  const ask = async (
    channel: string,
    chaincode: string,
    name: string,
    input: unknown,
    transientData: Record<string, string> = {},
  ): Promise<string> => {
    const contract = gateway.getNetwork(channel).getContract(chaincode);
    const answer = await contract.evaluate(name, { arguments: [JSON.stringify(input)], transientData });
    return Buffer.from(answer).toString('utf8');
  };
  return {
    evaluate: async (...call) => JSON.parse(await ask(...call)) as unknown,
    readPrivate: async (...call) => {
      const key = randomBytes(32).toString('base64url');
      return openResponse(await ask(...call, { [responseKeyEntry]: key }), key);
    },
  };
}
