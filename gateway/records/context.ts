import { departmentIdentity } from '../../network/set-up/identities';
import type { RecordType } from '../../chaincode/registry/model';
import { Problem } from '../http/problem';
import type { User } from '../http/route';
import type { Services } from '../services';
import { Attester } from './attester';
import { RegistryClient } from './registry';

/** Milliseconds for which a record type is not asked for again: a new version takes this long at most. */
const typesHold = 30_000;

/** An issuer whose keys this gateway holds, as one user acts for it. */
export interface Issuing {
  readonly issuer: string;
  readonly attester: Attester;
  readonly registry: RegistryClient;
}

/** What the routes about records share. */
export class RecordContext {
  readonly #attesters = new Map<string, Attester>();
  readonly #types = new Map<string, { readonly recordType: RecordType; readonly until: number }>();

  constructor(readonly services: Services) {}

  /** The registry as the user's own identity sees it. */
  registry({ identity }: User): RegistryClient {
    const { ledger, organisation } = this.services;
    return new RegistryClient(ledger, organisation.msp, identity);
  }

  /**
   * The issuer that the user acts for: the own department or the own enterprise, where its key is here.
   *
   * @param identity as which identity of the wallet; the user's own unless given.
   * @throws Problem `UNKNOWN_ISSUER`.
   */
  issuing(user: User, identity = user.identity): Issuing {
    const { ledger, organisation, issuers } = this.services;
    const issuer = issuerOf(user);
    const local = issuer === undefined ? undefined : issuers.get(issuer);
    if (issuer === undefined || local === undefined)
      throw new Problem('UNKNOWN_ISSUER', 'This gateway holds no key of an issuer that you act for');
    // One for each issuer: it keeps the order of what is attested.
    const attester = this.#attesters.get(issuer) ?? new Attester(local);
    this.#attesters.set(issuer, attester);
    return { issuer, attester, registry: new RegistryClient(ledger, organisation.msp, identity) };
  }

  /** As {@link issuing}, by the identity of the user's department that attests; an examiner's own may not. */
  issuingAsAttester(user: User): Issuing {
    return this.issuing(user, departmentIdentity('attester', user.department ?? ''));
  }

  /** A record type of the consortium. It changes with the consortium's state only, so it is asked for now and then. */
  async recordType(registry: RegistryClient, code: string): Promise<RecordType> {
    const known = this.#types.get(code);
    if (known !== undefined && Date.now() < known.until) return known.recordType;
    const recordType = await registry.recordType(code);
    this.#types.set(code, { recordType, until: Date.now() + typesHold });
    return recordType;
  }
}

function issuerOf({ department, uscc }: User): string | undefined {
  if (department !== undefined) return `department:${department}`;
  return uscc === undefined ? undefined : `enterprise:${uscc}`;
}
