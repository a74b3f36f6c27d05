import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { dayOf } from '../../chaincode/ledger/calendar';
import type { Consortium } from '../../chaincode/registry/model';
import { isUscc } from '../../chaincode/registry/uscc';
import { organisationPath } from '../../network/identity/paths';
import { Problem } from '../http/problem';
import { recordsKeyFile } from './entrusted';
import { KeyRing } from './key-ring';
import { IssuerSecrets } from './secrets';
import { readSigner, type IssuerSigner } from './signer';

/** An issuer whose keys this process holds. */
export interface LocalIssuer {
  /**
   * The key that signs now. Who signs reads it once for what belongs together.
   *
   * @throws Problem `UNKNOWN_ISSUER` where none of a department's keys that are in force is held here.
   */
  readonly signer: IssuerSigner;
  readonly secrets: IssuerSecrets;
}

/** Issuer (`department:<id>`, `enterprise:<USCC>`) to its keys. */
export type LocalIssuers = Pick<ReadonlyMap<string, LocalIssuer>, 'get'>;

/** {@link LocalIssuers} whose departments sign with the key that consortium state has in force. */
export interface OpenIssuers extends LocalIssuers {
  /** Takes over which keys are in force, and what keys lie here that did not before. @throws where a key file cannot be used. */
  follow(consortium: Pick<Consortium, 'organisations'>): void;
}

const kinds = [
  { folder: 'departments', prefix: 'department' },
  // An enterprise may entrust its records key (office RECORDS, which binds it to nothing) to the platform's service.
  { folder: 'issuers', prefix: 'enterprise' },
] as const;

/** A department, its first key in `departments/<id>.jwk` and later ones in `departments/<id>/<kid>.jwk`. */
class LocalDepartment implements LocalIssuer {
  public readonly secrets: IssuerSecrets;
  readonly #ring: KeyRing;

  constructor(
    private readonly name: string,
    private readonly file: string,
    private readonly now: () => number,
  ) {
    this.#ring = new KeyRing(readSigner(name, file));
    this.secrets = secretsBeside(file);
    this.look();
  }

  get signer(): IssuerSigner {
    const found = this.#ring.signerOn(dayOf(this.now()));
    if (found === undefined)
      throw new Problem('UNKNOWN_ISSUER', 'This gateway holds no key of the department that is in force');
    return found;
  }

  public follow(keys: Parameters<KeyRing['follow']>[0]): void {
    this.look();
    this.#ring.follow(keys);
  }

  private look(): void {
    const folder = this.file.replace(/\.jwk$/, '');
    this.#ring.hold(keyFiles(folder).map((kid) => readSigner(this.name, path.join(folder, `${kid}.jwk`))));
  }
}

/**
 * Loads the issuers of an organisation from its directory: `departments/<id>.jwk` with `<id>.handles.json`, and
 * likewise `issuers/<USCC>.jwk` for enterprises that entrusted their records key to this organisation.
 *
 * @throws where a key file cannot be used.
 */
export async function loadIssuers(
  directory: string,
  organisation: string,
  now: () => number = Date.now,
): Promise<ReadonlyMap<string, LocalIssuer>> {
  const issuers = new Map<string, LocalIssuer>();
  for (const { folder, prefix } of kinds) {
    const base = path.join(organisationPath(directory, organisation), folder);
    for (const id of keyFiles(base)) {
      const name = `${prefix}:${id}`;
      const file = path.join(base, `${id}.jwk`);
      issuers.set(
        name,
        prefix === 'department' ? new LocalDepartment(name, file, now) : readIssuer(name, file),
      );
    }
  }
  return Promise.resolve(issuers);
}

/**
 * The issuers of an organisation, for as long as a process runs: those of {@link loadIssuers}, later keys of its
 * departments, and enterprises that entrust their key later. A file that is replaced counts from the next start.
 *
 * @param now the clock, in milliseconds since the epoch.
 * @throws as {@link loadIssuers}; `get` throws where the file of a later key cannot be used.
 */
export async function openIssuers(
  directory: string,
  organisation: string,
  now: () => number = Date.now,
): Promise<OpenIssuers> {
  const known = new Map(await loadIssuers(directory, organisation, now));
  return {
    get(name) {
      const found = known.get(name) ?? entrusted(directory, organisation, name);
      if (found !== undefined) known.set(name, found);
      return found;
    },
    follow({ organisations }) {
      for (const { id, keys } of organisations.flatMap(({ departments }) => departments)) {
        const local = known.get(`department:${id}`);
        if (local instanceof LocalDepartment) local.follow(keys);
      }
    },
  };
}

function entrusted(directory: string, organisation: string, name: string): LocalIssuer | undefined {
  const [kind, uscc = ''] = name.split(':');
  // The name may come from a request and becomes part of a path.
  if (kind !== 'enterprise' || !isUscc(uscc)) return undefined;
  const file = recordsKeyFile(directory, organisation, uscc);
  return existsSync(file) ? readIssuer(name, file) : undefined;
}

function readIssuer(name: string, file: string): LocalIssuer {
  return { signer: readSigner(name, file), secrets: secretsBeside(file) };
}

function secretsBeside(file: string): IssuerSecrets {
  return IssuerSecrets.open(file.replace(/\.jwk$/, '.handles.json'));
}

function keyFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jwk'))
      .map((name) => name.slice(0, -'.jwk'.length))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
