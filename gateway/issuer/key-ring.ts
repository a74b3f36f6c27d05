import type { Department } from '../../chaincode/registry/model';
import type { IssuerSigner } from './signer';

/** A key of a department as consortium state has it: its id, and the calendar dates (UTC+8) within which it may sign. */
export type KeyPeriod = Pick<Department['keys'][number], 'kid' | 'from' | 'to'>;

/**
 * The keys of a department that lie with its organisation. One signs at a time: of those that consortium state has in force
 * today, the one that began last. So the switch from a key to the next takes place by itself, on the day that was voted.
 */
export class KeyRing {
  readonly #held = new Map<string, IssuerSigner>();
  #periods: readonly KeyPeriod[] | undefined;

  /** @param first signs as long as nobody has said what consortium state has. */
  constructor(private readonly first: IssuerSigner) {
    this.hold([first]);
  }

  /** Takes keys up. One that is held already stays. */
  public hold(signers: readonly IssuerSigner[]): void {
    for (const signer of signers) if (!this.#held.has(signer.kid)) this.#held.set(signer.kid, signer);
  }

  /** Takes over what consortium state says of the department's keys. */
  public follow(periods: readonly KeyPeriod[]): void {
    this.#periods = periods;
  }

  /**
   * The key that signs on a day; undefined where no key of those in force is held here.
   *
   * @param day calendar date in UTC+8.
   */
  public signerOn(day: string): IssuerSigner | undefined {
    if (this.#periods === undefined) return this.first;
    const usable = this.#periods.filter(
      ({ kid, from, to }) => this.#held.has(kid) && from <= day && (to === undefined || day <= to),
    );
    const newest = usable.reduce<KeyPeriod | undefined>(
      (last, period) => (last === undefined || period.from >= last.from ? period : last),
      undefined,
    );
    return newest === undefined ? undefined : this.#held.get(newest.kid);
  }
}
