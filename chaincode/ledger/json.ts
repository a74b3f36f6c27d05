/**
 * What a JSON text says; undefined where it is none, which no JSON text says. For what others wrote and nothing was checked
 * of yet.
 */
export function jsonIn(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
