/** Something that others wait for while it goes on; it may go on several times at once. */
export class Pause {
  readonly #pending = new Set<Promise<void>>();

  get isOn(): boolean {
    return this.#pending.size > 0;
  }

  /** Resolves once what goes on now is over. */
  async over(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    let done = (): void => undefined;
    const pending = new Promise<void>((resolve) => (done = resolve));
    this.#pending.add(pending);
    try {
      return await work();
    } finally {
      this.#pending.delete(pending);
      done();
    }
  }
}
