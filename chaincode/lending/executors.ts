import type { Executors } from './approvals/executor';
import { executors as applications } from './applications/decision';
import { executors as books } from './books/executors';
import { executors as lines } from './lines/executors';
import { executors as loans } from './loans/executors';
import { executors as products } from './products/publish';

/** Everything that takes two persons of the bank, by action. */
export const executors: Executors = { ...products, ...applications, ...lines, ...loans, ...books };
