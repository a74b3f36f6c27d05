import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import { jsonIn } from '../../chaincode/ledger/json';
import { check } from '../../chaincode/ledger/parse';
import { CoreDeposit, type DepositSource } from './adapter';

const depositCheck = check(CoreDeposit);

/**
 * Deposits from a file: CSV with a header `id,account,amount` where its name ends in `.csv`, otherwise JSON lines. Amounts
 * are integers of fen.
 */
export class DepositsFile implements DepositSource {
  constructor(private readonly file: string) {}

  /** @throws Error that names the line where the file is not what it should be; lines before it were given. */
  async *deposits(): AsyncGenerator<CoreDeposit> {
    let line = 0;
    for await (const value of this.file.endsWith('.csv') ? this.csv() : this.jsonLines()) {
      const deposit = depositCheck.accept(value);
      if (deposit === undefined) throw new Error(`${this.file}: record ${line + 1} is no deposit`);
      line++;
      yield deposit;
    }
  }

  private csv(): AsyncIterable<unknown> {
    return createReadStream(this.file).pipe(parse({ columns: true, bom: true, skip_empty_lines: true }));
  }

  private async *jsonLines(): AsyncGenerator {
    for await (const text of createInterface({ input: createReadStream(this.file) }))
      if (text.trim() !== '') yield jsonIn(text);
  }
}
