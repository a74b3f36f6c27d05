import 'reflect-metadata';
import { Context, Contract, Transaction } from 'fabric-contract-api';
import { canonicalJson } from '../../../chaincode/ledger/canonical';
import type { Anchor, Enterprise, Evidence, EvidenceInput } from '../../../chaincode/registry/model';
import type { Signer } from './keys';

/** A registry that vouches for what the test decides. */

export const channel = 'sharing-bank-a';
export const bank = 'BankAMSP';
export const platform = 'EnterpriseMSP';
export const tax = 'TaxMSP';
export const uscc = '91310000MA1K4BCD3X';
export const issuer = 'department:tax-shanghai';

export interface Vouched {
  readonly department: Signer;
  readonly anchors: ReadonlyMap<string, Anchor>;
  readonly enterprise: Enterprise;
  readonly purposeText: string;
  headOf(handle: string): number;
}

export const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  'vat-filing': ['sales', 'taxPaid', 'filedOn'],
  'tax-arrears': ['amount', 'since'],
};

export const limit = (unit: 'DAY' | 'MONTH' | 'YEAR', value: number) => ({ unit, value });

export class FakeRegistry extends Contract {
  constructor(private readonly world: Vouched) {
    super('registry');
  }

  @Transaction(false)
  async Evidence(_ctx: Context, input: string): Promise<string> {
    return Promise.resolve(canonicalJson(evidenceOf(this.world, JSON.parse(input) as EvidenceInput)));
  }
}

/** What the registry vouches for. */
export function evidenceOf(world: Vouched, asked: EvidenceInput): Evidence {
  const department = (id: string, recordTypes: string[]) => ({
    id,
    name: id,
    region: 'Shanghai',
    registers: false,
    recordTypes,
    keys: [],
  });
  const organisation = (
    msp: string,
    role: 'government' | 'enterprise' | 'bank' | 'regulator',
    departments: ReturnType<typeof department>[] = [],
  ) => ({ msp, name: msp, roles: [role], departments });
  const issuers: Record<string, Evidence['issuers'][string]> = {};
  for (const name of asked.issuers ?? []) {
    if (name === issuer)
      issuers[name] = {
        msp: tax,
        keys: { [world.department.id]: world.department.jwk },
        inForce: [world.department.id],
      };
  }
  const heads = Object.fromEntries((asked.handles ?? []).map((handle) => [handle, world.headOf(handle)]));
  return {
    consortium: {
      name: 'test',
      version: 1,
      organisations: [
        organisation(tax, 'government', [
          department('tax-shanghai', ['vat-filing', 'tax-arrears']),
          department('tax-zhejiang', ['vat-filing']),
        ]),
        organisation('MarketRegulationMSP', 'government'),
        organisation(platform, 'enterprise'),
        organisation(bank, 'bank'),
        organisation('BankBMSP', 'bank'),
        organisation('RegulatorMSP', 'regulator'),
      ],
      channels: [
        { name: channel, bank, clockSkewSeconds: 300 },
        { name: 'lending-bank-a', bank, clockSkewSeconds: 300 },
      ],
      purposes: [
        {
          code: 'WORKING_CAPITAL_LOAN',
          text: world.purposeText,
          items: Object.entries(fieldsOf).map(([recordType, fields]) => ({
            recordType,
            fields: fields.filter((name) => name !== 'filedOn'),
          })),
          maxRangeMonths: 24,
          maxFrequency: limit('MONTH', 2),
          maxDataLife: limit('MONTH', 3),
          maxValidityDays: 365,
          maxPurgeDays: 7,
          maxEvidenceYears: 5,
        },
      ],
    },
    ...(asked.uscc === uscc ? { enterprise: world.enterprise } : {}),
    issuers,
    recordTypes: Object.fromEntries(
      (asked.recordTypes ?? [])
        .filter((code) => fieldsOf[code])
        .map((code) => [
          code,
          {
            code,
            version: 1,
            title: code,
            attestedBy: 'department' as const,
            cadences: ['MONTHLY' as const],
            schema: { properties: Object.fromEntries((fieldsOf[code] ?? []).map((name) => [name, {}])) },
          },
        ]),
    ),
    anchors: Object.fromEntries(
      (asked.records ?? []).flatMap((id) => {
        const anchor = world.anchors.get(id);
        return anchor ? [[id, anchor]] : [];
      }),
    ),
    heads,
  };
}
