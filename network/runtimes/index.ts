import { embeddedRuntime } from './embedded/runtime';
import { nativeRuntime } from './native/runtime';
import type { Runtime } from './runtime';

const runtimes = { embedded: embeddedRuntime, native: nativeRuntime } satisfies Record<
  Runtime['name'],
  Runtime
>;

/** Names that `--runtime` takes. */
export const runtimeNames: readonly Runtime['name'][] = ['embedded', 'native'];

/** The engine of that name. */
export function runtimeOf(name: Runtime['name']): Runtime {
  return runtimes[name];
}
