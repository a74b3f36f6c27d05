/** The engine of a loan in fen: terms and facts in, positions and balanced entries out. Pure; nothing here knows a ledger. */
export * from './model';
export { dueNow } from './allocation';
export { endDay, openLoan, startDay } from './days';
export { applyFact } from './facts';
export { planOf, remainingPlan } from './plan';
export { quote } from './prepayment';
export { correct, replay } from './replay';
