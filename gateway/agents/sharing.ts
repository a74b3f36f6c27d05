import { randomBytes } from 'node:crypto';
import { responseKeyEntry } from '../../chaincode/ledger/sealed';
import type { Evidence, EvidenceInput } from '../../chaincode/registry/model';
import type { ConsentView, DataDueEntry, RequestView } from '../../chaincode/sharing/model';
import type { LedgerClient } from '../ledger/client';

/** `sharing` on one bank's channel, as one agent's identity calls it. */
export class SharingClient {
  constructor(
    private readonly ledger: LedgerClient,
    readonly channel: string,
    /** Id of the identity in the wallet. */
    readonly identity: string,
  ) {}

  /** @throws LedgerError `NOT_FOUND`, `NOT_YOUR_RECORD`. */
  async request(requestId: string): Promise<RequestView> {
    return (await this.#evaluate('GetRequest', { requestId })) as RequestView;
  }

  async consent(consentId: string): Promise<ConsentView> {
    return (await this.#evaluate('GetConsent', { consentId })) as ConsentView;
  }

  /** What `registry` vouches for, asked in the agent's own name. */
  async evidence(input: EvidenceInput): Promise<Evidence> {
    const { identity } = this;
    const call = { identity, channel: 'registry', chaincode: 'registry', name: 'Evidence', input };
    return (await this.ledger.evaluate(call)) as Evidence;
  }

  /** One page of what is to be purged. */
  async due(bookmark: string): Promise<{ readonly items: DataDueEntry[]; readonly bookmark: string }> {
    const input = { pageSize: 50, ...(bookmark === '' ? {} : { bookmark }) };
    return (await this.#evaluate('DataDue', input)) as { items: DataDueEntry[]; bookmark: string };
  }

  /** @param delivery canonical bytes, where questions are asked: the provider's own peer computes the answers from them. */
  async offer(requestId: string, digest: string, provider: string, delivery?: string): Promise<void> {
    const transient =
      delivery === undefined
        ? undefined
        : { delivery, [responseKeyEntry]: randomBytes(32).toString('base64url') };
    await this.#submit('Offer', { requestId, digest }, [provider], transient);
  }

  async refuse(requestId: string, reason: string, provider: string): Promise<void> {
    await this.#submit('Refuse', { requestId, reason }, [provider]);
  }

  /** @param delivery canonical bytes; provider and bank see them and nobody else. */
  async release(
    requestId: string,
    delivery: string,
    endorsers: { readonly provider: string; readonly bank: string },
  ): Promise<void> {
    await this.#submit('Release', { requestId }, [endorsers.provider, endorsers.bank], { delivery });
  }

  async purge(requestIds: readonly string[], bank: string): Promise<void> {
    await this.#submit('Purge', { requestIds }, [bank]);
  }

  /** Seals a delivery as evidence of a signed loan. */
  async archive(requestId: string, applicationId: string, bank: string): Promise<void> {
    await this.#submit('ending:Archive', { requestId, applicationId }, [bank]);
  }

  #evaluate(name: string, input: unknown): Promise<unknown> {
    return this.ledger.evaluate({ ...this.#target(name), input });
  }

  async #submit(
    name: string,
    input: unknown,
    endorsers: readonly string[],
    transient?: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.ledger.submit({
      ...this.#target(name),
      input,
      endorsers: [...new Set(endorsers)],
      ...(transient === undefined ? {} : { transient }),
    });
  }

  #target(name: string) {
    return { identity: this.identity, channel: this.channel, chaincode: 'sharing', name };
  }
}
