import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { canonicalJson } from '../../../chaincode/ledger/canonical';
import { parseErrorText } from '../../../chaincode/ledger/errors';
import { openResponse } from '../../../chaincode/ledger/sealed';
import { IssuerSecrets, type LocalIssuer } from '../../../gateway/issuer';
import type {
  Committed,
  EventPosition,
  EventStream,
  LedgerCall,
  LedgerClient,
  LedgerEvent,
  LedgerSubmission,
} from '../../../gateway/ledger/client';
import { LedgerError } from '../../../gateway/ledger/errors';
import { platform, tax, type World } from '../../chaincode/registry/world';
import type { TestIdentity, TestLedger } from '../../support/chaincode/ledger';

/** When a call fails: before anything happened, or after it was committed and only the answer is lost. */
export type Moment = 'before' | 'after';

/**
 * The gateway's ledger client over the real contracts in memory, with failures at will. Identities are named as the
 * network names them: `attester.tax-shanghai`, `purge-agent`.
 */
export class ContractLedger implements LedgerClient {
  readonly calls: LedgerSubmission[] = [];
  /** Whether the submission of a function fails at this moment. */
  fault: ((name: string, moment: Moment) => boolean) | undefined;

  constructor(
    private readonly world: { readonly ledger: Pick<TestLedger, 'evaluate' | 'submit' | 'events'> },
    private readonly msp: string,
  ) {}

  submitted(name: string): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  async evaluate(call: LedgerCall): Promise<unknown> {
    return this.#run(async () => {
      const answer = await this.world.ledger.evaluate({ ...this.#transaction(call), endorsers: [this.msp] });
      return answer === '' ? undefined : (JSON.parse(answer) as unknown);
    });
  }

  async readPrivate(call: LedgerCall): Promise<unknown> {
    const responseKey = randomBytes(32).toString('base64url');
    const sealed = await this.evaluate({ ...call, transient: { ...call.transient, responseKey } });
    return openResponse(JSON.stringify(sealed), responseKey);
  }

  async submit(call: LedgerSubmission): Promise<Committed> {
    this.calls.push(call);
    this.#fail(call.name, 'before');
    const endorsers = call.endorsers ?? [this.msp, this.msp === platform ? tax : platform];
    await this.#run(() => this.world.ledger.submit({ ...this.#transaction(call), endorsers }));
    this.#fail(call.name, 'after');
    return { result: undefined, transactionId: 'tx', blockNumber: 1n };
  }

  outcome() {
    return Promise.resolve({ known: false as const });
  }

  /** Events from a position on; the number of an event stands for its block. Ends where there are no more. */
  events({
    channel,
    from,
  }: {
    readonly channel: string;
    readonly from?: EventPosition;
  }): Promise<EventStream> {
    const all = this.world.ledger.events
      .map((event, number) => ({ ...event, blockNumber: BigInt(number), transactionId: `tx${number}` }))
      .filter((event) => event.channel === channel);
    const after = from?.transactionId === undefined ? (from?.blockNumber ?? 0n) : from.blockNumber + 1n;
    const rest = all.filter(({ blockNumber }) => blockNumber >= after);
    return Promise.resolve({
      close: () => undefined,
      async *[Symbol.asyncIterator](): AsyncGenerator<LedgerEvent> {
        for (const { name, payload, blockNumber, transactionId } of rest)
          yield await Promise.resolve({
            channel,
            name,
            payload: JSON.parse(payload) as unknown,
            blockNumber,
            transactionId,
          });
      },
    });
  }

  close(): void {
    // Nothing is open.
  }

  #fail(name: string, moment: Moment): void {
    if (this.fault?.(name, moment) === true)
      throw new LedgerError(
        moment === 'before' ? 'LEDGER_UNAVAILABLE' : 'TRANSACTION_STATUS_UNKNOWN',
        'injected',
        { stage: 'submit' },
      );
  }

  #transaction({ identity, channel, chaincode, name, input, transient = {} }: LedgerCall) {
    const sent = Object.entries(transient).map(([key, value]) => [
      key,
      typeof value === 'string' || value instanceof Uint8Array ? value : canonicalJson(value),
    ]);
    return {
      channel,
      chaincode,
      function: name,
      input,
      caller: this.#caller(identity),
      transient: Object.fromEntries(sent) as Record<string, unknown>,
    };
  }

  #caller(identity: string): TestIdentity {
    const [role = '', of] = identity.split('.');
    const place = role === 'enterprise-user' ? 'uscc' : 'department';
    const attributes = { role, 'hf.EnrollmentID': identity, ...(of === undefined ? {} : { [place]: of }) };
    return { msp: this.msp, attributes };
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const refused = parseErrorText(text);
      if (refused !== undefined)
        throw new LedgerError(refused.code, refused.reason, {
          stage: 'endorse',
          field: refused.field,
          fromContract: true,
        });
      if (text.endsWith('_CONFLICT')) throw new LedgerError('STATE_CHANGED', text, { stage: 'commit' });
      throw error;
    }
  }
}

/** A department of the world as an issuer whose keys are at hand; its secrets lie in the folder. */
export function localIssuer(world: World, department: string, folder: string): LocalIssuer {
  const secrets = IssuerSecrets.open(path.join(folder, `${department}.handles.json`));
  return { signer: world.signer(department), secrets };
}
