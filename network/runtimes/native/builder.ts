import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Type in a package's `metadata.json` that this builder takes. */
const TYPE = 'ccaas';

const SCRIPTS: Readonly<Record<string, string>> = {
  detect: `#!/bin/sh
# Takes packages of type ${TYPE}. Arguments: source directory, metadata directory.
set -eu
tr -d '[:space:]' <"$2/metadata.json" | grep -q '"type":"${TYPE}"'
`,
  build: `#!/bin/sh
# Nothing is compiled: the chaincode already runs. Arguments: source, metadata and output directories.
set -eu
cp "$1/connection.json" "$3/connection.json"
`,
  release: `#!/bin/sh
# Tells the peer where the chaincode listens. Arguments: the build's output directory, release directory.
set -eu
mkdir -p "$2/chaincode/server"
cp "$1/connection.json" "$2/chaincode/server/connection.json"
`,
};

/**
 * Writes an external builder for chaincode as a service; Fabric runs its `bin/detect`, `bin/build` and `bin/release`.
 * The one in Fabric's release archives is a separate download for each platform; these need a POSIX shell only.
 * @returns the builder's directory, for `chaincode.externalBuilders` of `core.yaml`.
 */
export function writeBuilder(directory: string): string {
  const builder = join(directory, 'builder');
  mkdirSync(join(builder, 'bin'), { recursive: true });
  for (const [name, script] of Object.entries(SCRIPTS)) {
    writeFileSync(join(builder, 'bin', name), script, { mode: 0o755 });
  }
  return builder;
}
