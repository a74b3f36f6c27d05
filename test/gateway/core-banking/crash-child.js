/*
 * Writes postings into the directory given and kills itself right after the file operation of the number given, 0 for
 * never. Jest's transformation does not reach child processes, so TypeScript is transformed here.
 */
const fs = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(fs.readFileSync(filename, 'utf8'), {
    filename,
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};

const [, , directory, killAt, last] = process.argv;
const { PostingsFile } = require('../../../gateway/core-banking/postings-file.ts');
const { blockOf } = require('./postings.ts');

let operations = 0;
for (const name of ['writeSync', 'fsyncSync', 'renameSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    const result = original(...args);
    operations += 1;
    if (operations === Number(killAt)) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

const sink = new PostingsFile(directory);
for (let block = sink.next(); block <= Number(last); block += 1) sink.take(blockOf(block));
sink.close();
