/** One check of the story: what a party must see, and whether it did. */
export class StoryError extends Error {
  public override readonly name = 'StoryError';
}

const useColour = process.stdout.isTTY;
const paint = (code: number, text: string): string => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);

/**
 * Tells the story and checks it. Every claim that is printed with a tick was compared with what the system answered;
 * the first that fails ends the story with a `StoryError`.
 */
export class Narrator {
  #step = 0;
  #checks = 0;
  readonly #started = performance.now();

  /** How many claims have been checked so far. */
  public get checks(): number {
    return this.#checks;
  }

  /** Opens the next step. */
  public step(title: string): void {
    this.#step += 1;
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    console.log(`\n${paint(1, `${this.#step}. ${title}`)}  ${paint(2, `[${seconds} s]`)}`);
  }

  /** What a party does or sees, indented under the step. */
  public says(party: string, text: string): void {
    console.log(`   ${paint(36, party.padEnd(18))} ${text.replaceAll('\n', `\n${' '.repeat(22)}`)}`);
  }

  /** A claim that must hold; `seen` goes into the error where it does not. */
  public check(claim: string, holds: boolean, seen?: unknown): void {
    this.#checks += 1;
    if (!holds) {
      console.log(`   ${paint(31, '✗')} ${claim}`);
      throw new StoryError(`${claim}${seen === undefined ? '' : `; seen: ${JSON.stringify(seen)}`}`);
    }
    console.log(`   ${paint(32, '✓')} ${claim}`);
  }
}
