import { readdirSync } from 'node:fs';
import path from 'node:path';
import { IssuerSecrets } from './secrets';
import { loadSigner, type IssuerSigner } from './signer';

/** An issuer whose keys this process holds. */
export interface LocalIssuer {
  readonly signer: IssuerSigner;
  readonly secrets: IssuerSecrets;
}

/** Issuer (`department:<id>`, `enterprise:<USCC>`) to its keys. */
export type LocalIssuers = ReadonlyMap<string, LocalIssuer>;

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
export async function loadIssuers(directory: string, organisation: string): Promise<LocalIssuers> {
  const issuers = new Map<string, LocalIssuer>();
  for (const { folder, prefix } of kinds) {
    const base = path.join(directory, 'organisations', organisation, folder);
    for (const name of keyFiles(base)) {
      const issuer = `${prefix}:${name}`;
      const signer = await loadSigner(issuer, path.join(base, `${name}.jwk`));
      issuers.set(issuer, { signer, secrets: IssuerSecrets.open(path.join(base, `${name}.handles.json`)) });
    }
  }
  return issuers;
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
