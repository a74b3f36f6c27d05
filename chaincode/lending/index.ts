import { ApplicationsContract } from './applications/contract';
import { ApprovalsContract } from './approvals/contract';
import { BooksContract } from './books/contract';
import { DaysContract } from './days/contract';
import { executors } from './executors';
import { LinesContract } from './lines/contract';
import { LoansContract } from './loans/contract';
import { ProductsContract } from './products/contract';

/** Four eyes over everything that this chaincode carries out. */
class LendingApprovalsContract extends ApprovalsContract {
  constructor() {
    super(executors);
  }
}

/** What the chaincode process serves. */
export const contracts = [
  ProductsContract,
  ApplicationsContract,
  LinesContract,
  LoansContract,
  BooksContract,
  DaysContract,
  LendingApprovalsContract,
];
