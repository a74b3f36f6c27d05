import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharedDirectoryVariable } from './network';

/** Before a run on real Fabric: names the directory in which test files share networks, each started when first asked for. */
export default function setUp(): void {
  process.env[sharedDirectoryVariable] ??= mkdtempSync(path.join(tmpdir(), 'sme-native-'));
}
