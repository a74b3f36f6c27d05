/** A consortium file that cannot be used. The message starts with `file:line:` so that an editor can jump there. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';

  constructor(
    readonly file: string,
    /** Line in the file, from 1. */
    readonly line: number,
    readonly problem: string,
  ) {
    super(`${file}:${line}: ${problem}`);
  }
}
