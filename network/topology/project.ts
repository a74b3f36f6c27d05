import { existsSync } from 'node:fs';
import path from 'node:path';

const treeRoot = path.resolve(__dirname, '..', '..');
const runsCompiled = path.extname(__filename) === '.js';

/** The project's root, whether this code runs from the sources or compiled into any folder. */
export const projectRoot: string =
  [treeRoot, path.dirname(treeRoot)].find((directory) => existsSync(path.join(directory, 'package.json'))) ??
  process.cwd();

const compiledRoot = runsCompiled ? treeRoot : path.join(projectRoot, 'dist');

/** The sample consortium. */
export const defaultConsortium: string = path.join(projectRoot, 'network', 'consortium.yaml');

/**
 * Absolute path of the JavaScript file for a module named without extension. A module of the project is found in the
 * compiled tree, since processes that are started run compiled code, even from tests that run the sources.
 */
export function compiledModule(module: string): string {
  const compiled = contains(compiledRoot, module);
  const base =
    !compiled && contains(projectRoot, module)
      ? path.join(compiledRoot, path.relative(projectRoot, module))
      : module;
  if (base.endsWith('.js')) return base;
  const file = `${base}.js`;
  return existsSync(file) ? file : path.join(base, 'index.js');
}

/** Absolute path of a compiled program of the project, e.g. `compiledProgram('gateway', 'main.js')`. */
export function compiledProgram(...segments: readonly string[]): string {
  return path.join(compiledRoot, ...segments);
}

function contains(directory: string, file: string): boolean {
  const relative = path.relative(directory, file);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}
