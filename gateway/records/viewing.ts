import type { Anchor, HeldRecord } from '../../chaincode/registry/model';
import type { User } from '../http/route';
import { claimsOf, fieldsOf, typeOf } from '../issuer';
import { LedgerError } from '../ledger/errors';
import type { RecordView } from './model';
import type { RegistryClient } from './registry';

/** The issuer that a user acts for; undefined where none. */
export function issuerFor({ department, uscc }: User): string | undefined {
  if (department !== undefined) return `department:${department}`;
  return uscc === undefined ? undefined : `enterprise:${uscc}`;
}

/** The record itself where the caller acts for its issuer, otherwise undefined. */
export async function heldOrNone(registry: RegistryClient, id: string): Promise<HeldRecord | undefined> {
  try {
    return (await registry.held([id])).get(id);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'PRIVATE_READ_REFUSED') return undefined;
    throw error;
  }
}

/** A record for its holder, with its content; for others what everybody knows. */
export function viewOf(anchor: Anchor, held: HeldRecord | undefined): RecordView {
  const { id, status, attestedAt, changedAt, supersededBy, reason } = anchor;
  return {
    id,
    status,
    attestedAt,
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(reason === undefined ? {} : { reason }),
    ...(held === undefined ? {} : { content: contentOf(held) }),
  };
}

function contentOf({ jwt, disclosures }: HeldRecord): NonNullable<RecordView['content']> {
  const { iss, sub, vct, period, assurance } = claimsOf(jwt);
  return {
    issuer: iss,
    uscc: sub,
    recordType: typeOf(vct),
    period,
    assurance,
    fields: fieldsOf(disclosures),
  };
}
