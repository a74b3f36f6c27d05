import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a gateway answered: its status and its JSON body. */
export interface Answer {
  readonly status: number;
  // The story looks into bodies of many shapes; each look is a check that fails loudly.
  readonly body: Record<string, unknown>;
}

const deadlineMs = 60_000;
const longestPauseMs = 1000;
const importStallMs = 180_000;

/** A person or system at one organisation's gateway, with a bearer token of its own. */
export class ApiUser {
  private constructor(
    public readonly baseUrl: string,
    public readonly subject: string,
    private readonly token: string,
  ) {}

  /** Signs in at the gateway's development issuer. Throws where that refuses. */
  public static async signIn(baseUrl: string, subject: string): Promise<ApiUser> {
    const response = await fetch(`${baseUrl}/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ subject }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${baseUrl} gave ${subject} no token: ${JSON.stringify(body)}`);
    return new ApiUser(baseUrl, subject, String(body.access_token));
  }

  public async get(path: string): Promise<Answer> {
    return this.#call('GET', path);
  }

  /** Posts JSON under a fresh idempotency key, or under the one given. */
  public async post(path: string, body: unknown, idempotencyKey: string = randomUUID()): Promise<Answer> {
    return this.#call('POST', path, JSON.stringify(body), 'application/json', idempotencyKey);
  }

  /** Posts a file as it is. */
  public async postFile(path: string, content: string, contentType: string): Promise<Answer> {
    return this.#call('POST', path, content, contentType, randomUUID());
  }

  /**
   * Imports a CSV file of records of one type, and waits until it is worked off, however long that takes.
   *
   * @returns the import as it ended; or the refusal, where the file was not taken in.
   * @throws where it comes no further for minutes.
   */
  public async importRecords(recordType: string, csv: string): Promise<Answer> {
    const path = `/v1/records:import?recordType=${recordType}`;
    let answer = await this.postFile(path, csv, 'text/csv');
    if (answer.status !== 202) return answer;
    let moved = performance.now();
    for (let pause = 50; answer.body.status === 'RUNNING'; pause = Math.min(pause * 1.5, longestPauseMs)) {
      await sleep(pause);
      const next = await this.get(`/v1/imports/${String(answer.body.id)}`);
      if (next.status !== 200) return next;
      if (next.body.lines !== answer.body.lines) moved = performance.now();
      if (performance.now() - moved > importStallMs)
        throw new Error(`the import of ${recordType} stands at line ${String(next.body.lines)}`);
      answer = next;
    }
    return { ...answer, status: 200 };
  }

  async #call(
    method: string,
    path: string,
    body?: string,
    contentType?: string,
    idempotencyKey?: string,
  ): Promise<Answer> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        accept: 'application/json, application/problem+json',
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }
}
