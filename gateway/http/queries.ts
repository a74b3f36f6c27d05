import { Type } from 'typebox';

/** Query of a list. */
export const PageQuery = Type.Object(
  {
    pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '50 unless given.' })),
    bookmark: Type.Optional(Type.String({ maxLength: 2048, description: 'From the page before.' })),
  },
  { additionalProperties: false },
);

const usualPageSize = 50;

export function pageSizeOf({ pageSize }: { readonly pageSize?: number }): number {
  return pageSize ?? usualPageSize;
}
