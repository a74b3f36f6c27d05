import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isUscc } from '../../chaincode/registry/uscc';
import { organisationPath } from '../../network/identity/paths';
import { recordsKeyFile } from './entrusted';
import { IssuerSecrets } from './secrets';
import { readSigner, type IssuerSigner } from './signer';

/** An issuer whose keys this process holds. */
export interface LocalIssuer {
  readonly signer: IssuerSigner;
  readonly secrets: IssuerSecrets;
}

/** Issuer (`department:<id>`, `enterprise:<USCC>`) to its keys. */
export type LocalIssuers = Pick<ReadonlyMap<string, LocalIssuer>, 'get'>;

const kinds = [
  { folder: 'departments', prefix: 'department' },
  // An enterprise may entrust its records key (office RECORDS, which binds it to nothing) to the platform's service.
  { folder: 'issuers', prefix: 'enterprise' },
] as const;

/**
 * Loads the issuers of an organisation from its directory: `departments/<id>.jwk` with `<id>.handles.json`, and
 * likewise `issuers/<USCC>.jwk` for enterprises that entrusted their records key to this organisation.
 *
 * @throws where a key file cannot be used.
 */
export async function loadIssuers(
  directory: string,
  organisation: string,
): Promise<ReadonlyMap<string, LocalIssuer>> {
  const issuers = new Map<string, LocalIssuer>();
  for (const { folder, prefix } of kinds) {
    const base = path.join(organisationPath(directory, organisation), folder);
    for (const name of keyFiles(base))
      issuers.set(`${prefix}:${name}`, readIssuer(`${prefix}:${name}`, path.join(base, `${name}.jwk`)));
  }
  return Promise.resolve(issuers);
}

/**
 * The issuers of an organisation, for as long as a process runs: those of {@link loadIssuers}, and enterprises that
 * entrust their key later. A key that is replaced counts from the next start.
 *
 * @throws as {@link loadIssuers}; `get` throws where the file of a later key cannot be used.
 */
export async function openIssuers(directory: string, organisation: string): Promise<LocalIssuers> {
  const known = new Map(await loadIssuers(directory, organisation));
  return {
    get(name) {
      const found = known.get(name) ?? entrusted(directory, organisation, name);
      if (found !== undefined) known.set(name, found);
      return found;
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
  const secrets = file.replace(/\.jwk$/, '.handles.json');
  return { signer: readSigner(name, file), secrets: IssuerSecrets.open(secrets) };
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
