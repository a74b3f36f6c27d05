/** The engine of a loan in fen: terms and facts in, positions and balanced entries out. Pure; nothing here knows a ledger. */
export * from './model';
