import type {
  ChangeView,
  NextState,
  ProposeInput,
  StateInput,
  VoteInput,
} from '../../chaincode/registry/changes/model';
import type { Organisation, Topology } from '../../network/topology/topology';
import type { PageOf } from '../http/paging';
import { mspOfRole, registry } from './channels';
import type { Committed, LedgerClient } from './client';

/** Changes of consortium state, as an administrator of an organisation calls them. */
export class ConsortiumChanges {
  constructor(
    private readonly ledger: LedgerClient,
    private readonly topology: Topology,
    private readonly organisation: Organisation,
  ) {}

  /** Endorsed by the own organisation and one that makes new keys on the registry's channel valid. */
  propose(identity: string, input: ProposeInput): Promise<Committed> {
    const { msp, roles } = this.organisation;
    const other = mspOfRole(this.topology, roles.includes('government') ? 'enterprise' : 'government');
    return this.#submit(identity, 'Propose', input, [msp, other]);
  }

  /** Endorsed by the own organisation alone. */
  vote(identity: string, input: VoteInput): Promise<Committed> {
    return this.#submit(identity, 'Vote', input, [this.organisation.msp]);
  }

  /** Endorsed by the organisations that approved: they are a majority, or the contract refuses. */
  enact(identity: string, changeId: string, approving: readonly string[]): Promise<Committed> {
    return this.#submit(identity, 'Enact', { changeId }, approving);
  }

  async get(identity: string, changeId: string): Promise<ChangeView> {
    return (await this.#evaluate(identity, 'Get', { changeId })) as ChangeView;
  }

  async list(
    identity: string,
    page: { readonly pageSize: number; readonly bookmark?: string },
  ): Promise<PageOf<ChangeView>> {
    return (await this.#evaluate(identity, 'List', page)) as PageOf<ChangeView>;
  }

  /** What was valid when. */
  async state(
    identity: string,
    input: StateInput,
  ): Promise<{
    readonly consortium: NextState['consortium'];
    readonly from: string;
    readonly until?: string;
  }> {
    return (await this.#evaluate(identity, 'GetState', input)) as Awaited<
      ReturnType<ConsortiumChanges['state']>
    >;
  }

  #evaluate(identity: string, name: string, input: object): Promise<unknown> {
    return this.ledger.evaluate({ ...registry, identity, name: `changes:${name}`, input });
  }

  #submit(identity: string, name: string, input: object, endorsers: readonly string[]): Promise<Committed> {
    return this.ledger.submit({ ...registry, identity, name: `changes:${name}`, input, endorsers });
  }
}
