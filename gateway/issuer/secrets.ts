import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Keys under which an issuer makes its handles and record ids: whoever has them can tell what an anchor is about. */
interface SecretsFile {
  /** HMAC key of record ids, base64url. */
  recordIds: string;
  /** Year to the HMAC key of its handles, base64url. */
  handles: Record<string, string>;
}

/** The natural identity of a record: two records that agree in it are the same fact. */
export interface RecordKey {
  readonly uscc: string;
  readonly recordType: string;
  readonly period: { readonly from: string; readonly to: string };
  /** 0 for the first; a correction of the same fact has the next number. */
  readonly revision: number;
  /** What tells records of one enterprise, type and period apart, e.g. a decision's number; otherwise ''. */
  readonly naturalKey: string;
}

/**
 * An issuer's secrets, kept in a file of mode 0600. A year's handle key is made when it is first needed; the file is
 * replaced as a whole, so that a crash leaves the old one or the new one.
 */
export class IssuerSecrets {
  readonly #file: string;
  #content: SecretsFile;

  private constructor(file: string, content: SecretsFile) {
    this.#file = file;
    this.#content = content;
  }

  /** Opens the file, or makes it where there is none. @throws where it is unreadable or of another form. */
  public static open(file: string): IssuerSecrets {
    const found = read(file);
    const secrets = new IssuerSecrets(file, found ?? { recordIds: newKey(), handles: {} });
    if (found === undefined) secrets.#save();
    return secrets;
  }

  /** base64url(HMAC-SHA256(key of the year, `uscc|type|year`)): tells nobody without the key whom anchors are about. */
  public handle(uscc: string, recordType: string, year: number): string {
    return hmac(this.#yearKey(year), `${uscc}|${recordType}|${year}`);
  }

  /** The record's id: the same fact always has the same, so that a repeated import is a no-op. */
  public recordId({ uscc, recordType, period, revision, naturalKey }: RecordKey): string {
    const text = `${uscc}|${recordType}|${period.from}|${period.to}|${revision}|${naturalKey}`;
    return hmac(this.#content.recordIds, text);
  }

  /** Id under which the issuer keeps how often the enterprise has to file the type. */
  public cadenceId(uscc: string, recordType: string): string {
    return hmac(this.#content.recordIds, `${uscc}|${recordType}|cadence`);
  }

  #yearKey(year: number): string {
    // Another process may have added the year since: two keys for one year would split its sequence.
    const known =
      this.#content.handles[year] ?? (this.#content = read(this.#file) ?? this.#content).handles[year];
    if (known !== undefined) return known;
    const key = newKey();
    this.#content = { ...this.#content, handles: { ...this.#content.handles, [year]: key } };
    this.#save();
    return key;
  }

  #save(): void {
    const temporary = `${this.#file}.${process.pid}`;
    try {
      writeFileSync(temporary, `${JSON.stringify(this.#content, null, 2)}\n`, { mode: 0o600, flush: true });
      renameSync(temporary, this.#file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}

/** The year that a record's handle belongs to: that in which its period ends. */
export function handleYear(period: { readonly to: string }): number {
  return Number(period.to.slice(0, 4));
}

function read(file: string): SecretsFile | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const content = JSON.parse(text) as Partial<SecretsFile>;
  if (typeof content.recordIds !== 'string' || typeof content.handles !== 'object')
    throw new Error(`${file} does not hold an issuer's handle keys`);
  return { recordIds: content.recordIds, handles: content.handles };
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64url')).update(text).digest('base64url');
}
