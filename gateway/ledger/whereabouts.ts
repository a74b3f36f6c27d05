import { Problem } from '../http/problem';
import { LedgerError } from './errors';

/** Something that was found, and on which channel. */
export interface Located<C, T> {
  readonly channel: C;
  readonly found: T;
}

/** Places that are remembered, so that the next look-up asks one channel only. */
const mostRemembered = 10_000;

/** Finds by its id alone what lies on one of several banks' channels: it asks them all once, and remembers. */
export class Whereabouts<C> {
  readonly #known = new Map<string, C>();

  constructor(private readonly channels: readonly C[]) {}

  /**
   * @param subject kind and id of what is looked for, e.g. `consent abc`.
   * @param read reads it on a channel; fails with `NOT_FOUND` where it is not there.
   * @throws Problem `NOT_FOUND` where no channel has it; what `read` throws otherwise.
   */
  async find<T>(subject: string, read: (channel: C) => Promise<T>): Promise<Located<C, T>> {
    const known = this.#known.get(subject);
    if (known !== undefined) return { channel: known, found: await read(known) };
    const answers = await Promise.all(
      this.channels.map(async (channel) => {
        try {
          return { channel, found: await read(channel) };
        } catch (error) {
          if (error instanceof LedgerError && error.code === 'NOT_FOUND') return undefined;
          throw error;
        }
      }),
    );
    const located = answers.find((answer) => answer !== undefined);
    if (located === undefined) throw new Problem('NOT_FOUND', 'No channel of this organisation has it');
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(subject, located.channel);
    return located;
  }
}
