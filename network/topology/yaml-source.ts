import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import { TopologyError } from './error';

/** A value of the file and where it stands, so that a problem found later can still name its line. */
export interface Located<T> {
  readonly value: T;
  readonly line: number;
}

/** A mapping of the file whose keys have been checked. */
export interface Mapping {
  readonly line: number;
  /** The value of a key, or undefined where the key is absent. */
  get(key: string): Node | undefined;
  /** The value of a key; fails on the mapping's line where it is absent. */
  need(key: string): Node;
  /** Keys in the order of the file. */
  keys(): readonly Located<string>[];
}

/** Reads a YAML file by expected shape; whatever is unexpected ends in a {@link TopologyError} with its line. */
export class YamlSource {
  readonly root: Node;
  readonly #lines = new LineCounter();

  /** @throws {@link TopologyError} where the text is not YAML. */
  constructor(
    readonly file: string,
    text: string,
  ) {
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) throw this.error(this.#lines.linePos(error.pos[0]).line, error.message);
    if (document.contents === null) throw this.error(1, 'the file is empty');
    this.root = document.contents;
  }

  error(line: number, problem: string): TopologyError {
    return new TopologyError(this.file, line, problem);
  }

  line(node: Node): number {
    return node.range ? this.#lines.linePos(node.range[0]).line : 1;
  }

  /** A mapping with no keys but the named ones; any key where `allowed` is undefined. */
  mapping(node: Node, what: string, allowed?: readonly string[]): Mapping {
    if (!isMap(node)) throw this.error(this.line(node), `${what} must be a mapping`);
    const keys = this.#keys(node, what);
    const unknown = keys.find((key) => allowed !== undefined && !allowed.includes(key.value));
    if (unknown !== undefined)
      throw this.error(
        unknown.line,
        `${what} has no key "${unknown.value}"; it may have ${(allowed ?? []).join(', ')}`,
      );
    const get = (key: string): Node | undefined => (node as YAMLMap<unknown, Node>).get(key, true);
    const line = this.line(node);
    return {
      line,
      get,
      need: (key) => {
        const value = get(key);
        if (value === undefined) throw this.error(line, `${what} needs "${key}"`);
        return value;
      },
      keys: () => keys,
    };
  }

  list(node: Node, what: string): readonly Node[] {
    if (!isSeq(node)) throw this.error(this.line(node), `${what} must be a list`);
    return node.items as Node[];
  }

  /** A non-empty string; numbers are refused, so that a version `1.10` is not read as 1.1. */
  string(node: Node, what: string, pattern?: RegExp, rule?: string): Located<string> {
    const line = this.line(node);
    if (isAlias(node)) throw this.error(line, `${what}: aliases are not supported`);
    if (!isScalar(node) || typeof node.value !== 'string' || node.value === '')
      throw this.error(line, `${what} must be a non-empty string`);
    if (pattern !== undefined && !pattern.test(node.value))
      throw this.error(line, `${what} "${node.value}" ${rule ?? `does not match ${pattern.source}`}`);
    return { value: node.value, line };
  }

  strings(node: Node, what: string): readonly Located<string>[] {
    return this.list(node, what).map((item) => this.string(item, `each of ${what}`));
  }

  integer(node: Node, what: string, least: number, most: number): Located<number> {
    const line = this.line(node);
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw this.error(line, `${what} must be a whole number from ${least} to ${most}`);
    return { value, line };
  }

  boolean(node: Node, what: string): boolean {
    if (!isScalar(node) || typeof node.value !== 'boolean')
      throw this.error(this.line(node), `${what} must be true or false`);
    return node.value;
  }

  #keys(map: YAMLMap, what: string): readonly Located<string>[] {
    return map.items.map(({ key }) => this.string(key as Node, `a key of ${what}`));
  }
}
