import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { compiledProgram } from '../../network/topology/project';

const run = promisify(execFile);
const deadlineMs = 30_000;

/** What the signer printed: the signature, and the words that it showed before it signed. */
export interface Signed {
  readonly statement: string;
  readonly words: string;
}

/**
 * A person who signs for an enterprise. The key is made and used by `enterprise-signer`, in a process of its own; here
 * there is only the name of the key file.
 */
export class Signatory {
  private constructor(
    public readonly name: string,
    public readonly id: string,
    public readonly jwk: unknown,
    private readonly key: string,
    private readonly passphrase: string,
  ) {}

  /** Has the signer make a key below `directory`. */
  public static async create(directory: string, name: string): Promise<Signatory> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const key = path.join(directory, `${name}.key.json`);
    const passphrase = path.join(directory, `${name}.passphrase`);
    writeFileSync(passphrase, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    const { stdout } = await signer(['create', '--key', key, '--passphrase-file', passphrase]);
    const { signatory, jwk } = JSON.parse(stdout) as { signatory: string; jwk: unknown };
    return new Signatory(name, signatory, jwk, key, passphrase);
  }

  /** The signatory whose key file lies below `directory` already. */
  public static async open(directory: string, name: string): Promise<Signatory> {
    const key = path.join(directory, `${name}.key.json`);
    const { stdout } = await signer(['public', '--key', key]);
    const { signatory, jwk } = JSON.parse(stdout) as { signatory: string; jwk: unknown };
    return new Signatory(name, signatory, jwk, key, path.join(directory, `${name}.passphrase`));
  }

  /**
   * Signs a statement about a consent as a gateway serves it.
   *
   * @throws where the signer refuses, with its reason.
   */
  public sign(action: 'GRANT' | 'REVOKE', consent: unknown): Promise<Signed> {
    return this.#sign(['sign', '--action', action, '--consent'], consent);
  }

  /** Accepts an offer as a gateway serves it, with the direct debit that its sheet asks for. @throws as `sign` does. */
  public acceptOffer(offer: unknown): Promise<Signed> {
    return this.#sign(['accept-offer', '--offer'], offer);
  }

  /** Signs an order about the enterprise's money. @throws as `sign` does. */
  public signOrder(order: unknown): Promise<Signed> {
    return this.#sign(['sign-order', '--order'], order);
  }

  async #sign(command: readonly string[], document: unknown): Promise<Signed> {
    const file = path.join(path.dirname(this.key), `${this.name}.document.json`);
    writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
    const { stdout, stderr } = await signer([
      ...[...command, file, '--key', this.key],
      ...['--passphrase-file', this.passphrase, '--yes'],
    ]);
    return { statement: stdout.trim(), words: stderr.trim() };
  }
}

async function signer(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [compiledProgram('signer', 'main.js'), ...args], { timeout: deadlineMs });
}
