import { canonicalJson } from '../../chaincode/ledger/canonical';
import { peekCompleteness } from '../../chaincode/sharing/completeness';
import type { Completeness, Delivery } from '../../chaincode/sharing/model';
import { signCompleteness, type LocalIssuer } from '../../gateway/issuer';

/** What a provider, or who comes between, may do to an honest delivery before it is offered. */

type Presentation = Delivery['presentations'][number];

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

function first(delivery: Delivery): Presentation {
  const [presentation] = delivery.presentations;
  if (presentation === undefined) throw new Error('the delivery has no record');
  return presentation;
}

const withFirst = (delivery: Delivery, presentation: Presentation): Delivery => ({
  ...delivery,
  presentations: [presentation, ...delivery.presentations.slice(1)],
});

/** Another value under the same salt and name. */
export function altered(delivery: Delivery): Delivery {
  const presentation = first(delivery);
  const disclosures = presentation.disclosures.map((disclosure) => {
    const [salt, name, value] = decode(disclosure) as [string, string, unknown];
    return encode([salt, name, name === 'sales' ? '99999999999' : value]);
  });
  return withFirst(delivery, { ...presentation, disclosures });
}

/** A claim of the signed part changed, under the old signature. */
export function resigned(delivery: Delivery): Delivery {
  const presentation = first(delivery);
  const [header = '', payload = '', signature = ''] = presentation.jwt.split('.');
  const claims = { ...(decode(payload) as object), assurance: 'VERIFIED' };
  return withFirst(delivery, { ...presentation, jwt: `${header}.${encode(claims)}.${signature}` });
}

/** A genuine record of another enterprise in place of one's own. */
export function foreign(delivery: Delivery, others: Delivery): Delivery {
  return withFirst(delivery, first(others));
}

/** A field more than was asked for. */
export function overdisclosed(delivery: Delivery, wider: Delivery): Delivery {
  return { ...delivery, presentations: wider.presentations };
}

/** The last month left out, though the statement lists it. */
export function withheld(delivery: Delivery): Delivery {
  return { ...delivery, presentations: delivery.presentations.slice(0, -1) };
}

/** The last month left out of delivery and statement, which the issuer signs all the same. */
export async function shortened(delivery: Delivery, { signer }: LocalIssuer): Promise<Delivery> {
  const honest = peekCompleteness(delivery.completeness);
  const types = honest.types.map((type) => ({
    ...type,
    handles: type.handles.map((handle) => ({
      ...handle,
      last: handle.last - 1,
      entries: handle.entries.slice(0, -1),
    })),
  }));
  const statement = JSON.parse(canonicalJson({ ...honest, types })) as Completeness;
  return { ...withheld(delivery), completeness: await signCompleteness(signer, statement) };
}
