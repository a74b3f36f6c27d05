import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkContext } from '../../network/runtimes/runtime';
import type { SampleConsortium } from '../sample/generate';
import type { SampleEnterprise } from '../sample/enterprises';
import type { BuyerExtract } from '../sample/orders';
import { ApiUser, type Answer } from './api';
import type { Narrator } from './narrator';
import type { Signatory } from './signatory';

/** Who and what the acts of the story share. */
export interface Stage {
  readonly context: NetworkContext;
  readonly narrator: Narrator;
  readonly sample: SampleConsortium;
  /** Those whose records are loaded. */
  readonly enterprises: readonly SampleEnterprise[];
  /** Orders and payments that buyers attest about them. */
  readonly buyerExtracts: readonly BuyerExtract[];
  /** Those buyers; they are registered, and entrust a records key to the platform, whether or not they are loaded. */
  readonly buyers: readonly SampleEnterprise[];
  /** The borrower, with three signatories of whom two bind it. */
  readonly borrower: SampleEnterprise;
  readonly signatories: readonly [Signatory, Signatory, Signatory];
  /** Another enterprise, that must learn nothing. It sells to the borrower. */
  readonly neighbour: SampleEnterprise;
  /** A third one, in distress. One signatory binds it. */
  readonly weak: SampleEnterprise;
  /** Signs a user of an organisation in at its gateway. */
  readonly signIn: (organisation: string, subject: string) => Promise<ApiUser>;
}

/** Signs users in at the gateways of the topology, each once. */
export function signInAt({ topology }: NetworkContext): Stage['signIn'] {
  const known = new Map<string, Promise<ApiUser>>();
  return (name, subject) => {
    const organisation = topology.organisations.find((candidate) => candidate.name === name);
    if (organisation === undefined) throw new Error(`the consortium has no organisation ${name}`);
    const key = `${name}/${subject}`;
    const user = known.get(key) ?? ApiUser.signIn(`http://127.0.0.1:${organisation.ports.gateway}`, subject);
    known.set(key, user);
    return user;
  };
}

/** Name of the organisation whose department this is. */
export function organisationOf({ topology }: NetworkContext, department: string): string {
  const found = topology.organisations.find(({ departments }) =>
    departments.some(({ id }) => id === department),
  );
  if (found === undefined) throw new Error(`the consortium has no department ${department}`);
  return found.name;
}

/** Name of the organisation whose clients the enterprises are. */
export function platformOf({ topology }: NetworkContext): string {
  const found = topology.organisations.find(({ roles }) => roles.includes('enterprise'));
  if (found === undefined) throw new Error('the consortium has no organisation of enterprises');
  return found.name;
}

/** The answer's body where the status is the one expected; otherwise an error that shows what came instead. */
export function expectStatus(answer: Answer, status: number, what: string): Record<string, unknown> {
  if (answer.status !== status)
    throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 2000)}`);
  return answer.body;
}

/**
 * Asks again until the answer is as wanted.
 *
 * @throws where it is not within `deadlineMs`, with the last answer.
 */
export async function until(
  what: string,
  ask: () => Promise<Answer>,
  wanted: (body: Record<string, unknown>) => boolean,
  { deadlineMs = 60_000, pauseMs = 100 } = {},
): Promise<Record<string, unknown>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const { body } = await ask();
    if (wanted(body)) return body;
    if (performance.now() > end)
      throw new Error(`${what} did not happen; last seen: ${JSON.stringify(body).slice(0, 2000)}`);
    await sleep(pauseMs);
  }
}

/** Fen as people write it: `1234567` is `¥12,345.67`. */
export function yuan(fen: unknown): string {
  const text = String(fen);
  const sign = text.startsWith('-') ? '-' : '';
  const digits = text.replace('-', '').padStart(3, '0');
  return `${sign}¥${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`;
}
