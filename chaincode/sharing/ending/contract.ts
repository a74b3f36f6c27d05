import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../ledger/canonical';
import { check, parseInput } from '../../ledger/parse';
import { sealResponse } from '../../ledger/sealed';
import { Delivery } from '../model';
import { breaches } from '../views';
import { openArchive, readArchive, sealArchive } from './archive';
import { stateErasure } from './erasure';
import { ArchiveInput, BreachesInput, OpenArchiveInput, ReadArchiveInput, StateErasureInput } from './model';

const inputs = {
  archive: check(ArchiveInput),
  erasure: check(StateErasureInput),
  open: check(OpenArchiveInput),
  read: check(ReadArchiveInput),
  breaches: check(BreachesInput),
  delivery: check(Delivery),
} as const;

/** What follows the end of a consent, a data life or a retention. */
export class EndingContract extends Contract {
  constructor() {
    super('ending');
  }

  /** The purge agent seals a delivery that a signed loan cites. Endorsed by the bank alone. Event ArchiveSealed. */
  @Transaction()
  async Archive(ctx: Context, input: string): Promise<string> {
    await sealArchive(ctx, parseInput(input, inputs.archive));
    return '';
  }

  /** An auditor opens an archive. Endorsed by the enterprise organisation and the bank. Event ArchiveOpened. */
  @Transaction()
  async OpenArchive(ctx: Context, input: string): Promise<string> {
    await openArchive(ctx, parseInput(input, inputs.open));
    return '';
  }

  /** The archived Delivery, sealed, for the auditor who opened it, on the bank's own peer. */
  @Transaction(false)
  async ReadArchive(ctx: Context, input: string): Promise<string> {
    return sealResponse(
      ctx,
      'ReadArchive',
      await readArchive(ctx, parseInput(input, inputs.read), inputs.delivery),
    );
  }

  /** An auditor states erasure downstream. Endorsed by the bank alone. Event ErasureStated. */
  @Transaction()
  async StateErasure(ctx: Context, input: string): Promise<string> {
    await stateErasure(ctx, parseInput(input, inputs.erasure));
    return '';
  }

  /** A page of Breach: what is held beyond its deadline, for the bank and the supervisor. */
  @Transaction(false)
  async Breaches(ctx: Context, input: string): Promise<string> {
    return canonicalJson(await breaches(ctx, parseInput(input, inputs.breaches)));
  }
}
