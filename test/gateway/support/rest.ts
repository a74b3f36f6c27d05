import { randomUUID } from 'node:crypto';
import { findOrganisation } from '../../../network/identity/paths';
import type { Topology } from '../../../network/topology/topology';

export interface Answer {
  readonly status: number;
  // Tests look into bodies of many shapes; what is wrong there fails the test.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** A user of an organisation's gateway, over HTTP, with a token of the development issuer. */
export class RestUser {
  readonly url: string;
  readonly #subject: string;
  #token: string | undefined;

  constructor(topology: Topology, organisation: string, subject: string) {
    this.url = `http://127.0.0.1:${findOrganisation(topology, organisation).ports.gateway}`;
    this.#subject = subject;
  }

  async token(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    const response = await fetch(`${this.url}/dev/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ subject: this.#subject }),
      signal: AbortSignal.timeout(30_000),
    });
    const { access_token } = (await response.json()) as { readonly access_token: string };
    this.#token = access_token;
    return access_token;
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path);
  }

  post(path: string, body: object, key: string = randomUUID()): Promise<Answer> {
    return this.#send('POST', path, body, key);
  }

  async #send(method: string, path: string, body?: object, key?: string): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${await this.token()}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(90_000),
    });
    return { status: response.status, body: await response.json() };
  }
}
