import type { Static } from 'typebox';
import type { Delivery } from '../../chaincode/sharing/model';
import type { SdJwtDelivery } from './model';

/** A delivery in the form of RFC 9901: the issuer-signed JWT and its disclosures, each followed by `~`. */
export function sdJwtOf({
  requestId,
  presentations,
  completeness,
  answers,
}: Delivery): Static<typeof SdJwtDelivery> {
  return {
    requestId,
    presentations: presentations.map(({ jwt, disclosures }) => [jwt, ...disclosures, ''].join('~')),
    completeness,
    ...(answers === undefined ? {} : { answers }),
  };
}
