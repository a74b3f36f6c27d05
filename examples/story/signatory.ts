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

  /**
   * Signs a statement about a consent as a gateway serves it.
   *
   * @throws where the signer refuses, with its reason.
   */
  public async sign(action: 'GRANT' | 'REVOKE', consent: unknown): Promise<Signed> {
    const view = path.join(path.dirname(this.key), `${this.name}.consent.json`);
    writeFileSync(view, JSON.stringify(consent), { mode: 0o600 });
    const { stdout, stderr } = await signer([
      'sign',
      ...['--action', action, '--consent', view, '--key', this.key],
      ...['--passphrase-file', this.passphrase, '--yes'],
    ]);
    return { statement: stdout.trim(), words: stderr.trim() };
  }
}

async function signer(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [compiledProgram('signer', 'main.js'), ...args], { timeout: deadlineMs });
}
