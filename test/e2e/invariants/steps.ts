import { digestOf } from '../../../chaincode/ledger/canonical';
import type { Action, Proposal } from '../../../chaincode/lending/approvals/model';
import type { PaymentOrder } from '../../../chaincode/lending/books/payment-order';
import type { Lookup, Step } from './operations';

/** A transaction of one of the bank's persons. */
export function bank(identity: string, name: string, input: unknown): Omit<Step, 'done'> {
  return { by: 'bank', identity, name, input };
}

/** Looks for a document that is there once the step is done. */
export function found(name: string, input: unknown): Lookup {
  return { name, input, shows: () => true };
}

/** The key that an order writes that moves money: it is booked under its id. */
export function markerOf({ orderId }: PaymentOrder): string {
  return `entry~order.${orderId}`;
}

/** What two persons of the bank do: one proposes, the other approves. */
export function proposal(
  proposalId: string,
  action: Action,
  content: object,
  maker: string,
  checker: string,
): readonly Step[] {
  const is = (...states: Proposal['status'][]): Lookup => ({
    name: 'approvals:GetProposal',
    input: { proposalId },
    shows: (answer) => states.includes((answer as Proposal).status),
  });
  return [
    {
      ...bank(maker, 'approvals:Propose', { proposalId, action, content }),
      done: is('PROPOSED', 'EXECUTED'),
    },
    {
      ...bank(checker, 'approvals:Approve', { proposalId, digest: digestOf(content) }),
      done: is('EXECUTED'),
    },
  ];
}
