import { msp as mspProtos } from '@hyperledger/fabric-protos';
import type { X509Identity } from './identity';
import type { Msp } from './msp';
import { IdentityError, type MspManager, type SignedData } from './types';

/** Identities kept, accepted or refused: the users of a development network fit in. */
const cacheSize = 2000;

/** The MSPs of a channel, with a cache of the identities that they judged. */
export class ChannelMspManager implements MspManager {
  readonly mspIds: readonly string[];
  readonly #msps: ReadonlyMap<string, Msp>;
  /** Insertion order is order of use: the first is the least recently used. */
  readonly #judged = new Map<string, X509Identity | IdentityError>();

  constructor(msps: readonly Msp[]) {
    this.#msps = new Map(msps.map((msp) => [msp.id, msp]));
    this.mspIds = [...this.#msps.keys()];
  }

  identity(serialized: Uint8Array): X509Identity {
    const key = Buffer.from(serialized.buffer, serialized.byteOffset, serialized.length).toString('latin1');
    let judged = this.#judged.get(key);
    if (judged === undefined) {
      judged = this.#judge(serialized);
      const oldest = this.#judged.size >= cacheSize ? this.#judged.keys().next().value : undefined;
      if (oldest !== undefined) this.#judged.delete(oldest);
    } else {
      this.#judged.delete(key);
    }
    this.#judged.set(key, judged);
    if (judged instanceof IdentityError) throw judged;
    return judged;
  }

  #judge(serialized: Uint8Array): X509Identity | IdentityError {
    try {
      // A copy: the bytes may be a view of a whole block, which the cache must not keep alive.
      const own = Uint8Array.from(serialized);
      const parsed = parse(own);
      const msp = this.#msps.get(parsed.getMspid());
      if (msp === undefined) {
        return new IdentityError(`MSP ${parsed.getMspid()} is not defined on channel`);
      }
      return msp.identity(own, parsed.getIdBytes_asU8());
    } catch (error) {
      if (error instanceof IdentityError) return error;
      throw error;
    }
  }

  /** The distinct identities that are valid and whose signatures verify, in the order given. */
  validIdentities(signatures: readonly SignedData[]): X509Identity[] {
    const seen = new Set<string>();
    const valid: X509Identity[] = [];
    for (const { data, identity: serialized, signature } of signatures) {
      let identity: X509Identity;
      try {
        identity = this.identity(serialized);
      } catch (error) {
        if (error instanceof IdentityError) continue;
        throw error;
      }
      // Before the signature check, as in Fabric: repeating an identity shall not cost work.
      if (seen.has(identity.key) || !identity.verify(data, signature)) continue;
      seen.add(identity.key);
      valid.push(identity);
    }
    return valid;
  }
}

function parse(serialized: Uint8Array): mspProtos.SerializedIdentity {
  try {
    return mspProtos.SerializedIdentity.deserializeBinary(serialized);
  } catch {
    throw new IdentityError('the creator is not a serialized identity');
  }
}
