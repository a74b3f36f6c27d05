/*
 * Commits blocks to the ledger of the directory given, until it is killed, and says after each that it is committed.
 * Jest's transformation does not reach child processes, so TypeScript is transformed here.
 */
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};

const { commitForever } = require('./crash-load.ts');
void commitForever(process.argv[2], (line) => process.stdout.write(`${line}\n`));
