import type { Static, TSchema } from 'typebox';
import type {
  ApplicationIdInput,
  ApplicationView,
  ListApplicationsInput,
  Mandate,
  Notice,
  OfferIdInput,
  OfferView,
  PrivateDecision,
  ReadInput,
} from '../../chaincode/lending/applications/model';
import type { CitingInput } from '../../chaincode/lending/applications/citations';
import type * as applications from '../../chaincode/lending/applications/model';
import type * as approvals from '../../chaincode/lending/approvals/model';
import type * as books from '../../chaincode/lending/books/model';
import type * as orders from '../../chaincode/lending/books/payment-order';
import type { BusinessDate } from '../../chaincode/lending/days/business-date';
import type * as days from '../../chaincode/lending/days/model';
import type * as lines from '../../chaincode/lending/lines/model';
import type * as loans from '../../chaincode/lending/loans/model';
import type * as products from '../../chaincode/lending/products/model';
import type { PageOf } from '../http/paging';
import type { LendingChannel } from './channels';

interface Query<I, A> {
  readonly input: I;
  readonly answer: A;
}

/** The contract's type of an input, from its schema. */
type Of<S extends TSchema> = Static<S>;

/** An order with its signatories' compact JWS. */
interface Signed<S extends TSchema> {
  readonly order: Static<S>;
  readonly signatures: readonly string[];
}

/** What `lending` is asked without leaving a trace: input and answer by name. */
export interface LendingQueries {
  'books:GetAccount': Query<Of<typeof books.AccountIdInput>, books.Account>;
  'books:ListAccounts': Query<Of<typeof books.ListAccountsInput>, PageOf<books.Account>>;
  'books:Statement': Query<Of<typeof books.StatementInput>, PageOf<books.StatementLine>>;
  'books:GetHold': Query<Of<typeof books.HoldIdInput>, books.Hold>;
  'books:GetOrder': Query<Of<typeof books.OrderIdInput>, books.ExecutedOrder>;
  'books:GetEntry': Query<Of<typeof books.EntryIdInput>, books.JournalEntry>;
  'approvals:GetProposal': Query<Of<typeof approvals.ProposalIdInput>, approvals.Proposal>;
  'approvals:ListOpenProposals': Query<Of<typeof approvals.ListProposalsInput>, PageOf<approvals.Proposal>>;
  'days:Get': Query<object, BusinessDate>;
  'days:GetClose': Query<Of<typeof days.DateInput>, days.DayClose>;
  'products:Get': Query<Of<typeof products.GetProductInput>, products.ProductView>;
  'products:List': Query<Of<typeof products.ListProductsInput>, PageOf<products.ProductView>>;
  'applications:Get': Query<Of<typeof ApplicationIdInput>, ApplicationView>;
  'applications:List': Query<Of<typeof ListApplicationsInput>, PageOf<ApplicationView>>;
  'applications:GetOffer': Query<Of<typeof OfferIdInput>, OfferView>;
  'applications:GetMandate': Query<Of<typeof ApplicationIdInput>, Mandate>;
  'applications:ListCiting': Query<Of<typeof CitingInput>, readonly string[]>;
  'lines:Get': Query<Of<typeof lines.LineIdInput>, lines.CreditLineView>;
  'lines:List': Query<Of<typeof lines.ListLinesInput>, PageOf<lines.CreditLineView>>;
  'lines:Quote': Query<lines.DrawQuoteInput, lines.DrawQuote>;
  'lines:GetDrawdown': Query<Of<typeof lines.DrawdownInput>, lines.Drawdown>;
  'lines:ListDrawdowns': Query<Of<typeof lines.ListDrawdownsInput>, PageOf<lines.Drawdown>>;
  'loans:Get': Query<Of<typeof loans.LoanIdInput>, loans.LoanView>;
  'loans:List': Query<Of<typeof loans.ListLoansInput>, PageOf<loans.LoanView>>;
  'loans:Facts': Query<Of<typeof loans.LoanIdInput>, readonly loans.StoredFact[]>;
  'loans:Schedule': Query<Of<typeof loans.LoanIdInput>, readonly unknown[]>;
  'loans:Quote': Query<Of<typeof loans.QuoteInput>, loans.QuoteView>;
}

/** What is read from an organisation's private documents, on its own peer. */
export interface LendingPrivateReads {
  'applications:ReadDecision': Query<
    Of<typeof ReadInput>,
    { readonly decision: PrivateDecision; readonly notice: Notice }
  >;
  'applications:ReadNotice': Query<Of<typeof ReadInput>, Notice>;
}

/** Transactions of `lending`: input by name. */
export interface LendingTransactions {
  'books:OpenAccount': Of<typeof books.OpenAccountInput>;
  'books:CloseAccount': Of<typeof books.AccountIdInput>;
  'books:Transfer': Signed<typeof orders.TransferOrder>;
  'books:PlaceHold': Signed<typeof orders.HoldOrder>;
  'books:PostHold': Signed<typeof orders.PostOrder>;
  'books:VoidHold': Signed<typeof orders.VoidOrder>;
  'books:ExpireHold': Of<typeof books.HoldIdInput>;
  'approvals:Propose': approvals.ProposeInput;
  'approvals:Approve': Of<typeof approvals.ApproveInput>;
  'approvals:Reject': Of<typeof approvals.RejectInput>;
  'approvals:Withdraw': Of<typeof approvals.ProposalIdInput>;
  'days:Begin': Of<typeof days.DateInput>;
  'days:CloseWhole': Of<typeof days.ClosePageInput>;
  'days:StartClose': Of<typeof days.DateInput>;
  'days:ClosePage': Of<typeof days.ClosePageInput>;
  'days:Complete': Of<typeof days.DateInput>;
  'products:Suspend': Of<typeof products.SuspendInput>;
  'products:Resume': Of<typeof products.ResumeInput>;
  'applications:Apply': applications.ApplyInput;
  'applications:AttachEvidence': applications.AttachEvidenceInput;
  'applications:Decide': Of<typeof ApplicationIdInput>;
  'applications:Notify': Of<typeof ApplicationIdInput>;
  'applications:Offer': applications.MakeOfferInput;
  'applications:Accept': applications.AcceptInput;
  'applications:Withdraw': Of<typeof ApplicationIdInput>;
  'applications:Lapse': Of<typeof ApplicationIdInput>;
  'applications:RequestReview': Of<typeof ApplicationIdInput>;
  'lines:Draw': Signed<typeof orders.DrawOrder>;
  'lines:WithdrawDraw': Of<typeof lines.DrawdownInput>;
  'lines:Close': Of<typeof lines.LineIdInput>;
  'loans:Repay': Signed<typeof orders.RepayOrder>;
  'loans:Prepay': Signed<typeof orders.PrepayOrder>;
}

/**
 * MSPs whose peers endorse. Most transactions take the bank and the enterprises' organisation, which checks the bank. What
 * only the bank's peer can compute it endorses alone, on a key of its own; so does the regulator on its own.
 */
export function endorsersOf(name: keyof LendingTransactions, channel: LendingChannel): readonly string[] {
  const { bank, enterprise, regulator } = channel;
  if (name === 'applications:Decide') return [bank];
  if (name === 'products:Suspend' || name === 'products:Resume') return [regulator];
  return [...new Set([bank, enterprise])];
}
