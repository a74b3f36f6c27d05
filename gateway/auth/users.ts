import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Type, type Static } from 'typebox';
import { describeHolder } from '../../network/identity/certificate';
import { mspPaths, organisationPath, userPath } from '../../network/identity/paths';
import { check } from '../../chaincode/ledger/parse';
import type { User } from '../http/route';
import { isScope, scopesOfRoles } from './scopes';

/** Who may use a gateway, and as which Fabric identity. */
export interface Users {
  /** undefined where the subject is no user of this organisation. */
  find(subject: string): User | undefined;
}

/**
 * `organisations/<org>/gateway/users.json`: subjects of tokens, each with the identity of the wallet that acts for it and,
 * where it is to have fewer than its identity's roles give, its scopes.
 */
const UserFile = Type.Object(
  {
    users: Type.Record(
      Type.String({ minLength: 1, maxLength: 256 }),
      Type.Object(
        {
          identity: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' }),
          scopes: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
type UserFile = Static<typeof UserFile>;

const userFile = check(UserFile);

/** Directory of what belongs to an organisation's gateway. */
export function gatewayPath(directory: string, organisation: string): string {
  return path.join(organisationPath(directory, organisation), 'gateway');
}

/**
 * Users of an organisation: those that its user file lists. Where there is no file, every identity of the wallet is a user
 * of its own name; that is for development, where the network itself issues the identities.
 *
 * @throws where the file exists and is not valid, or gives a scope that does not exist.
 */
export function loadUsers(directory: string, organisation: string): Users {
  const file = path.join(gatewayPath(directory, organisation), 'users.json');
  const listed = existsSync(file) ? new Map(Object.entries(readUserFile(file).users)) : undefined;
  const known = new Map<string, User>();
  return {
    find(subject) {
      const found = known.get(subject);
      if (found !== undefined) return found;
      const entry = listed === undefined ? { identity: subject } : listed.get(subject);
      if (entry === undefined) return undefined;
      const user = userOf(directory, organisation, subject, entry);
      if (user !== undefined) known.set(subject, user);
      return user;
    },
  };
}

function readUserFile(file: string): UserFile {
  const listed = userFile.accept(JSON.parse(readFileSync(file, 'utf8')) as unknown);
  if (listed === undefined) throw new Error(`${file} is not a valid list of users`);
  for (const [subject, { scopes = [] }] of Object.entries(listed.users))
    for (const scope of scopes)
      if (!isScope(scope)) throw new Error(`${file}: user ${subject} has the unknown scope "${scope}"`);
  return listed;
}

function userOf(
  directory: string,
  organisation: string,
  subject: string,
  entry: { readonly identity: string; readonly scopes?: readonly string[] },
): User | undefined {
  // The subject comes from a token and may become part of a path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(entry.identity)) return undefined;
  const { certificate } = mspPaths(userPath(directory, organisation, entry.identity));
  if (!existsSync(certificate)) return undefined;
  const { attributes } = describeHolder(readFileSync(certificate, 'utf8'));
  const { role = '', department, uscc } = attributes;
  const roles = role.split(',').filter((name) => name !== '');
  const allowed = scopesOfRoles(roles);
  return {
    subject,
    identity: entry.identity,
    roles,
    scopes: entry.scopes === undefined ? allowed : allowed.filter((scope) => entry.scopes?.includes(scope)),
    ...(department === undefined ? {} : { department }),
    ...(uscc === undefined ? {} : { uscc }),
  };
}
