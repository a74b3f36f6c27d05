import 'reflect-metadata';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JWK } from 'jose';
import { openResponse } from '../../../chaincode/ledger/sealed';
import { RegistryContract } from '../../../chaincode/registry/contract';
import type {
  Enterprise,
  Evidence,
  EvidenceInput,
  SetUpInput,
  Signatory,
} from '../../../chaincode/registry/model';
import { checkCharacter } from '../../../chaincode/registry/uscc';
import {
  issueRecord,
  signEnterprise,
  signerOf,
  type IssuedRecord,
  type IssuerSigner,
  type RecordDraft,
} from '../../../gateway/issuer';
import { consortiumState } from '../../../network/set-up';
import { loadTopology } from '../../../network/topology/load';
import { defaultConsortium } from '../../../network/topology/project';
import { TestLedger, type TestIdentity, type TestTransaction } from '../../support/chaincode/ledger';

export const tax = 'TaxMSP';
export const market = 'MarketRegulationMSP';
export const platform = 'EnterpriseMSP';
export const bankA = 'BankAMSP';

export const department = (msp: string, id: string, role: string): TestIdentity => ({
  msp,
  attributes: { role, department: id },
});
export const admin: TestIdentity = { msp: market, attributes: { role: 'admin' } };
export const registrar = department(market, 'amr-shanghai', 'registrar');
export const attester = department(tax, 'tax-shanghai', 'attester');
export const user = (uscc: string): TestIdentity => ({
  msp: platform,
  attributes: { role: 'enterprise-user', uscc },
});
export const officer: TestIdentity = { msp: bankA, attributes: { role: 'credit-officer' } };

/** A valid code for a number. */
export function usccOf(number: number): string {
  const first17 = `91310000MA${String(number).padStart(7, '0')}`;
  return `${first17}${checkCharacter(first17) ?? ''}`;
}

export const uscc = usccOf(1);
export const otherUscc = usccOf(2);

export const randomId = () => randomBytes(32).toString('base64url');

const sets = (msps: readonly string[]) => {
  const governments = [market, tax];
  return governments.flatMap((government) =>
    msps.filter((msp) => !governments.includes(msp)).map((other) => [government, other]),
  );
};

/** The sample consortium's registry in memory, with the keys of its departments. */
export class World {
  readonly ledger = new TestLedger();
  readonly state: SetUpInput;
  readonly signers: ReadonlyMap<string, IssuerSigner>;

  private constructor(state: SetUpInput, signers: ReadonlyMap<string, IssuerSigner>) {
    this.state = state;
    this.signers = signers;
    const msps = state.consortium.organisations.map(({ msp }) => msp);
    this.ledger.deploy('registry', 'registry', new RegistryContract(), sets(msps));
  }

  /** Without `SetUp`. */
  static async create(): Promise<World> {
    const directory = mkdtempSync(path.join(tmpdir(), 'registry-'));
    try {
      const state = await consortiumState(loadTopology(defaultConsortium), directory);
      const signers = new Map<string, IssuerSigner>();
      for (const { name, departments } of state.consortium.organisations)
        for (const { id } of departments) {
          const file = path.join(directory, 'organisations', name, 'departments', `${id}.jwk`);
          const jwk = JSON.parse(readFileSync(file, 'utf8')) as JWK;
          signers.set(id, await signerOf(`department:${id}`, jwk));
        }
      return new World(state, signers);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  static async setUp(): Promise<World> {
    const world = await World.create();
    await world.submit('SetUp', world.state, admin, [market, bankA]);
    return world;
  }

  signer(id: string): IssuerSigner {
    const found = this.signers.get(id);
    if (found === undefined) throw new Error(`no department ${id}`);
    return found;
  }

  transaction(
    name: string,
    input: unknown,
    caller: TestIdentity,
    endorsers: readonly string[],
    transient: Readonly<Record<string, unknown>> = {},
  ): TestTransaction {
    return {
      channel: 'registry',
      chaincode: 'registry',
      function: name,
      input,
      caller,
      endorsers,
      transient,
    };
  }

  async submit(...given: Parameters<World['transaction']>): Promise<void> {
    await this.ledger.submit(this.transaction(...given));
  }

  async query(name: string, input: unknown, caller: TestIdentity): Promise<unknown> {
    return JSON.parse(await this.ledger.evaluate(this.transaction(name, input, caller, [caller.msp])));
  }

  /** A private read on the given peer, by default the caller's own. */
  async read(name: string, input: unknown, caller: TestIdentity, peer = caller.msp): Promise<unknown> {
    const responseKey = randomId();
    const sealed = await this.ledger.evaluate(this.transaction(name, input, caller, [peer], { responseKey }));
    return openResponse(sealed, responseKey);
  }

  async evidence(input: EvidenceInput, caller: TestIdentity = officer): Promise<Evidence> {
    return (await this.query('Evidence', input, caller)) as Evidence;
  }

  async store(
    records: readonly Pick<IssuedRecord, 'jwt' | 'disclosures'>[],
    caller = attester,
    cadences?: unknown,
  ): Promise<void> {
    const given = {
      salt: randomId(),
      records: records.map(({ jwt, disclosures }) => ({ jwt, disclosures })),
      ...(cadences === undefined ? {} : { cadences }),
    };
    await this.submit('StoreRecords', {}, caller, [caller.msp], { records: given });
  }

  async anchor(records: readonly IssuedRecord[], caller = attester): Promise<void> {
    const input = { records: records.map(({ id, handle, seq, digest }) => ({ id, handle, seq, digest })) };
    const other = caller.msp === platform ? tax : platform;
    await this.submit('AnchorRecords', input, caller, [caller.msp, other]);
  }

  async issue(
    draft: Partial<RecordDraft> = {},
    signer: IssuerSigner = this.signer('tax-shanghai'),
  ): Promise<IssuedRecord> {
    return issueRecord(signer, { ...vatFiling, id: randomId(), ...draft }, new Date(this.ledger.now));
  }

  async register(entry: Enterprise): Promise<void> {
    const signed = await signEnterprise(this.signer('amr-shanghai'), entry);
    await this.submit('PutEnterprise', signed, registrar, [market, platform]);
  }
}

export const vatFiling: Omit<RecordDraft, 'id'> = {
  uscc,
  recordType: 'vat-filing',
  typeVersion: 1,
  period: { from: '2026-01-01', to: '2026-01-31' },
  assurance: 'FILED',
  fields: {
    filingStatus: 'FILED',
    sales: '1234567',
    outputTax: '160493',
    inputTax: '100000',
    taxPayable: '60493',
    taxPaid: '60493',
    filedOn: '2026-02-12',
  },
  handle: Buffer.alloc(32, 1).toString('base64url'),
  seq: 1,
};

/** A signatory with a key of its own. */
export function newSignatory(more: Partial<Signatory> = {}): {
  readonly signatory: Signatory;
  readonly privateJwk: JWK;
} {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '', d = '' } = privateKey.export({ format: 'jwk' }) as JWK;
  const jwk = { kty: 'EC' as const, crv: 'P-256' as const, x, y };
  const signatory = { id: randomId(), office: 'DIRECTOR' as const, jwk, from: '2020-01-01', ...more };
  return { signatory, privateJwk: { ...jwk, d, kid: signatory.id } };
}

export function enterprise(more: Partial<Enterprise> = {}): Enterprise {
  return {
    uscc,
    name: 'Sample Trading Co., Ltd.',
    status: 'ACTIVE',
    mandate: { required: 1 },
    signatories: [newSignatory({ office: 'LEGAL_REPRESENTATIVE' }).signatory],
    registeredBy: 'department:amr-shanghai',
    version: 1,
    ...more,
  };
}
