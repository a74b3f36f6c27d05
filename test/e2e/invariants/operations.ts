import type { ErrorCode } from '../../../chaincode/ledger/errors';
import { Chance } from './chance';

/** How often of a thousand each is drawn. */
export const weights = {
  TRANSFER: 190,
  ISSUE: 95,
  REDEEM: 40,
  HOLD: 65,
  POST_HOLD: 45,
  VOID_HOLD: 30,
  REPAY: 140,
  PREPAY_PART: 75,
  PREPAY_FULL: 25,
  WAIVE: 40,
  WRITE_OFF: 8,
  REVERSE: 50,
  BOARD: 25,
  OPEN_ACCOUNT: 8,
  CLOSE_DAY: 9,
  // Refused on purpose.
  OVERDRAFT: 25,
  REPLAY: 30,
  SAME_PERSON: 20,
  WRONG_QUOTE: 30,
  UNKNOWN_LOAN: 25,
  EXPIRED_ORDER: 25,
} as const;
export type Kind = keyof typeof weights;

/** How it is sent: once; to two connections at once; by a client whose patience is shorter than the network's answer. */
export type Way = 'ONCE' | 'TWICE' | 'IMPATIENTLY';

/** An operation as the seed draws it. What it meets when it is carried out depends on the other lanes. */
export interface Draw {
  readonly number: number;
  readonly kind: Kind;
  readonly way: Way;
  readonly chance: Chance;
}

/** The operation of that number: the same for the same seed. */
export function draw(seed: number, number: number): Draw {
  const chance = Chance.of(seed, number);
  const kind = chance.weighted(weights);
  const way = kind === 'CLOSE_DAY' ? 'ONCE' : chance.weighted({ ONCE: 90, TWICE: 6, IMPATIENTLY: 4 });
  return { number, kind, way, chance };
}

/** One transaction of an operation. */
export interface Step {
  readonly by: 'bank' | 'owner';
  readonly identity: string;
  readonly name: string;
  readonly input: unknown;
  /** Asks whether it is on the ledger, where its own transaction could not be learned of. */
  readonly done: Lookup;
}

/** A function that is evaluated, and what its answer shows. */
export interface Lookup {
  readonly name: string;
  readonly input: unknown;
  readonly shows: (answer: unknown) => boolean;
}

/** What a done operation does to the deposits, by the definitions: nothing of it is read from the ledger. */
export interface Effect {
  /** Money in, of a deposit; negative: out. */
  readonly moves?: readonly { readonly account: string; readonly amount: bigint }[];
  /** What becomes reserved, of a deposit; negative: free again. */
  readonly holds?: readonly { readonly account: string; readonly amount: bigint }[];
  /** Money that came from the core system, by ISSUE; negative: went back there. */
  readonly issued?: bigint;
  /** Principal of loans that were brought onto the ledger. */
  readonly boarded?: bigint;
}

export interface Operation {
  readonly number: number;
  readonly kind: Kind;
  readonly way: Way;
  readonly steps: readonly Step[];
  /** Key that it writes, once, if it is done; and never otherwise. None for what another operation has written. */
  readonly marker?: string;
  readonly effect: Effect;
  /** Has to be refused, with one of these. */
  readonly refusedAs?: readonly ErrorCode[];
  /** Told to the lanes when it is done. */
  readonly remember?: () => void;
}

/**
 * - `DONE`: acknowledged, or found on the ledger when it was looked up;
 * - `REFUSED`: a contract said no;
 * - `FAILED`: it did not get so far as to be ordered, or lost every race: nothing may have come of it;
 * - `UNKNOWN`: even looking it up did not tell; only the blocks can.
 */
export type State = 'DONE' | 'REFUSED' | 'FAILED' | 'UNKNOWN';

export interface Outcome {
  readonly state: State;
  /** The refusal's or failure's code. */
  readonly code?: string;
  readonly message?: string;
  /** Of acknowledged transactions. */
  readonly transactions: readonly string[];
}

/** An operation and what its client was told. */
export interface Told extends Outcome {
  readonly operation: Operation;
}

/** Refusals that operations may meet because others were quicker, or money short. */
const natural: ReadonlySet<string> = new Set<ErrorCode>([
  'INSUFFICIENT_FUNDS',
  'HOLD_NOT_OPEN',
  'LOAN_NOT_ACTIVE',
  'LOANS_NOT_CLOSED',
  'PREPAYMENT_REFUSED',
  'QUOTE_EXPIRED',
  'STATE_CONFLICT',
  'TERMS_MISMATCH',
  'INVALID_INPUT',
  'NOT_FOUND',
]);
/** What the second of two that were sent at once meets. */
const second: ReadonlySet<string> = new Set<ErrorCode>(['ALREADY_EXISTS', 'APPROVAL_NOT_OPEN']);

/** Whether an operation may have been refused so. */
export function mayBeRefused({ kind, way, refusedAs }: Operation, code: string): boolean {
  if (refusedAs !== undefined) return (refusedAs as readonly string[]).includes(code);
  if (kind === 'CLOSE_DAY') return true;
  return natural.has(code) || (way === 'TWICE' && second.has(code));
}
