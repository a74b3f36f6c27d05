import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { networkReset } from '../../network/cli/network';
import { sharedDirectoryVariable } from './network';

/** After a run on real Fabric: stops and removes the networks that the test files shared. */
export default async function tearDown(): Promise<void> {
  const base = process.env[sharedDirectoryVariable];
  if (base === undefined || !existsSync(base)) return;
  for (const name of readdirSync(base)) await networkReset(path.join(base, name), () => undefined);
  rmSync(base, { recursive: true, force: true });
}
