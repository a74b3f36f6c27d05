import { randomBytes } from 'node:crypto';
import { responseKeyEntry } from '../../chaincode/ledger/sealed';
import type { Organisation, Topology } from '../../network/topology/topology';
import { Problem } from '../http/problem';
import { lending, lendingChannels, type LendingChannel } from './channels';
import type { Committed, LedgerClient, LedgerSubmission } from './client';
import {
  endorsersOf,
  type LendingPrivateReads,
  type LendingQueries,
  type LendingTransactions,
} from './lending-functions';
import { Whereabouts, type Located } from './whereabouts';

/**
 * The contract `lending` on the channels that an organisation is a member of: one of a bank, all of an enterprise's banks
 * and of the regulator. Calls are made as the identity given, whose certificate the contract judges.
 */
export class LendingContract {
  readonly channels: readonly LendingChannel[];
  readonly #ledger: LedgerClient;
  readonly #msp: string;
  readonly #whereabouts: Whereabouts<LendingChannel>;

  constructor(ledger: LedgerClient, topology: Topology, organisation: Organisation) {
    this.#ledger = ledger;
    this.#msp = organisation.msp;
    this.channels = lendingChannels(topology, organisation);
    this.#whereabouts = new Whereabouts(this.channels);
  }

  /**
   * The channel of a bank. Without a name: the organisation's own where it is a bank, or the only one that there is.
   *
   * @throws Problem `VALIDATION_FAILED` where the bank has to be named, `UNKNOWN_ORGANISATION` where it has no channel here.
   */
  channelOf(bank: string | undefined): LendingChannel {
    const named = this.channels.find((channel) => channel.bank === (bank ?? this.#msp));
    if (named !== undefined) return named;
    if (bank !== undefined)
      throw new Problem('UNKNOWN_ORGANISATION', 'This organisation shares no channel with such a bank', {
        errors: [{ field: 'bank', message: 'is not known' }],
      });
    const [only, ...others] = this.channels;
    if (only !== undefined && others.length === 0) return only;
    throw new Problem('VALIDATION_FAILED', 'Name the bank', {
      errors: [{ field: 'bank', message: 'is missing' }],
    });
  }

  /** The channel that a signed order names. @throws Problem `STATEMENT_MISMATCH` where it is none of this organisation's. */
  channelNamed(name: string): LendingChannel {
    const found = this.channels.find((channel) => channel.name === name);
    if (found !== undefined) return found;
    throw new Problem('STATEMENT_MISMATCH', 'The order is for a channel that this organisation has not', {
      errors: [{ field: 'order.channel', message: 'is not known' }],
    });
  }

  /** Asks on one channel. */
  async evaluate<N extends keyof LendingQueries>(
    identity: string,
    channel: LendingChannel,
    name: N,
    input: LendingQueries[N]['input'],
  ): Promise<LendingQueries[N]['answer']> {
    const call = { identity, channel: channel.name, chaincode: lending, name, input };
    return (await this.#ledger.evaluate(call)) as LendingQueries[N]['answer'];
  }

  /**
   * Asks by an object's id alone, on whichever channel it lies.
   *
   * @param subject kind and id of the object, e.g. `loan abc`, which its channel is remembered by.
   * @throws Problem `NOT_FOUND` where on none.
   */
  find<N extends keyof LendingQueries>(
    identity: string,
    subject: string,
    name: N,
    input: LendingQueries[N]['input'],
  ): Promise<Located<LendingChannel, LendingQueries[N]['answer']>> {
    return this.#whereabouts.find(subject, (channel) => this.evaluate(identity, channel, name, input));
  }

  /** Reads a private document of this organisation, in clear. */
  async readPrivate<N extends keyof LendingPrivateReads>(
    identity: string,
    channel: LendingChannel,
    name: N,
    input: LendingPrivateReads[N]['input'],
  ): Promise<LendingPrivateReads[N]['answer']> {
    const call = { identity, channel: channel.name, chaincode: lending, name, input };
    return (await this.#ledger.readPrivate(call)) as LendingPrivateReads[N]['answer'];
  }

  /** Submits a transaction, endorsed by those whose it is. */
  submit<N extends Exclude<keyof LendingTransactions, 'applications:Decide' | 'applications:Notify'>>(
    identity: string,
    channel: LendingChannel,
    name: N,
    input: LendingTransactions[N],
  ): Promise<Committed> {
    return this.#submit(identity, channel, name, input);
  }

  /**
   * Has the bank's own peer, and no other, decide on an application. What was delivered is opened there under a key for
   * this one transaction; a salt keeps the hash of the decision from being guessed.
   */
  decide(identity: string, channel: LendingChannel, applicationId: string): Promise<Committed> {
    return this.#submit(
      identity,
      channel,
      'applications:Decide',
      { applicationId },
      { [responseKeyEntry]: random(), salt: random() },
    );
  }

  /**
   * Gives the applicant notice: the bank's own private document, which the peer of the applicant's organisation compares by
   * its hash and keeps.
   *
   * @param organisation MSP of the applicant's organisation.
   */
  async notify(
    identity: string,
    channel: LendingChannel,
    applicationId: string,
    organisation: string,
  ): Promise<Committed> {
    const input = { applicationId };
    const { notice } = await this.readPrivate(identity, channel, 'applications:ReadDecision', input);
    const at = { ...channel, enterprise: organisation };
    return this.#submit(identity, at, 'applications:Notify', input, { notice });
  }

  #submit<N extends keyof LendingTransactions>(
    identity: string,
    channel: LendingChannel,
    name: N,
    input: LendingTransactions[N],
    transient?: LedgerSubmission['transient'],
  ): Promise<Committed> {
    return this.#ledger.submit({
      identity,
      channel: channel.name,
      chaincode: lending,
      name,
      input,
      endorsers: endorsersOf(name, channel),
      ...(transient === undefined ? {} : { transient }),
    });
  }
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
