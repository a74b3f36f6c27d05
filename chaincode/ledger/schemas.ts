import { Type, type Static, type TSchema } from 'typebox';

/**
 * Building blocks shared by the contracts' inputs, the ledger's documents and the gateway's OpenAPI document.
 * Every string and list is bounded: nothing on a ledger may grow at a caller's will.
 */
export const strict = { additionalProperties: false } as const;

export const OpaqueId = Type.String({
  pattern: '^[A-Za-z0-9_-]{16,64}$',
  description: 'Random, meaningless identifier chosen by the client; it is also its idempotency key.',
});

export const Uscc = Type.String({
  pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$',
  description: 'Unified Social Credit Code, 18 characters with a check character (GB 32100-2015).',
});

export const MspId = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9._-]{1,63}$' });

export const Code = Type.String({ pattern: '^[a-z][a-z0-9-]{1,63}$' });

export const ReasonCode = Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,63}$' });

export const CalendarDate = Type.String({
  format: 'date',
  maxLength: 10,
  description: 'Calendar date in UTC+8.',
});

export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:[0-5]\\d(\\.\\d{3})?Z$',
  format: 'date-time',
  description: 'Instant in UTC, ISO 8601.',
});

export const Digest = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  description: 'SHA-256 in base64url without padding.',
});

export const CompactJws = Type.String({
  pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  maxLength: 65536,
});

/** Public EC P-256 key as a JWK (RFC 7517). A private member `d` is refused. */
export const PublicJwk = Type.Object(
  {
    kty: Type.Literal('EC'),
    crv: Type.Literal('P-256'),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    y: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  },
  strict,
);
export type PublicJwk = Static<typeof PublicJwk>;

export const Period = Type.Object({ from: CalendarDate, to: CalendarDate }, strict);
/** Closed interval of calendar dates. */
export type Period = Static<typeof Period>;

/**
 * Who holds and attests a record: `department:<id>` or `enterprise:<USCC>`.
 */
export const Issuer = Type.String({
  pattern: '^(department:[a-z][a-z0-9-]{1,63}|enterprise:[0-9A-HJ-NPQRTUWXY]{18})$',
});

export const Cadence = Type.Union([
  Type.Literal('MONTHLY'),
  Type.Literal('QUARTERLY'),
  Type.Literal('ANNUAL'),
  Type.Literal('NONE'),
]);
export type Cadence = Static<typeof Cadence>;

export const Page = Type.Object(
  {
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    bookmark: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  strict,
);

/** A list with the bookmark of its next page; the empty bookmark means that there is none. */
export const PageOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), bookmark: Type.String() }, strict);
