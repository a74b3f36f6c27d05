import { InvalidArgumentError } from 'commander';

/** A positive whole number from a command line. @throws InvalidArgumentError. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('not a positive whole number');
  return value;
}
