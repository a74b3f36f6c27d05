import { randomBytes } from 'node:crypto';
import { checkCharacter } from '../../chaincode/registry/uscc';
import type { ConsentArtefact } from '../../chaincode/sharing/model';
import type { Fact } from '../../gateway/records/facts';
import { loadPurposes } from '../../network/set-up/catalogue';

/** What the scenario is about, apart from who acts in it. */

/** A code of an enterprise that no other test uses. */
export function newUscc(): string {
  const digits = String(randomBytes(6).readUIntBE(0, 6) % 1_000_000_000).padStart(9, '0');
  const first = `91310115${digits}`;
  return first + (checkCharacter(first) ?? '');
}

/** A purpose in the consortium's words. */
export function purpose(code: string): ConsentArtefact['Purpose'] {
  const found = loadPurposes().find((known) => known.code === code);
  if (found === undefined) throw new Error(`there is no purpose ${code}`);
  return { code, text: found.text };
}

/** What an enterprise filed for a month of 2026; the figures can be searched for. */
export function filing(uscc: string, month: number): Fact {
  const from = `2026-${String(month).padStart(2, '0')}-01`;
  const to = new Date(Date.UTC(2026, month, 0)).toISOString().slice(0, 10);
  const own = Number(uscc.slice(8, 17)) % 100_000;
  return {
    uscc,
    period: { from, to },
    assurance: 'FILED',
    recordKey: '',
    cadence: 'MONTHLY',
    fields: {
      filingStatus: 'FILED',
      sales: String(7_310_000_000 + own * 100 + month),
      outputTax: '1300000',
      inputTax: '900000',
      taxPayable: '400000',
      taxPaid: '400000',
      filedOn: `2026-${String(month + 1).padStart(2, '0')}-10`,
    },
  };
}
