/** A member of a channel as far as policies see it. */
export interface PolicyMember {
  readonly msp: string;
  readonly roles: readonly string[];
}

/** One requirement of a policy by role: what it says and who can meet it. */
export interface Requirement {
  /** As written, e.g. `government`, `other`, `this-bank`. */
  readonly text: string;
  readonly candidates: readonly string[];
}

export interface RenderedPolicy {
  /** Every minimal set of distinct MSPs that meets all requirements, each once. */
  readonly sets: readonly (readonly string[])[];
  /** Some MSP has to stand for several requirements, because the topology has nobody else. */
  readonly shared: boolean;
}

/**
 * Renders requirements by role as the admissible sets of distinct MSPs. Fabric's evaluator uses each signature once,
 * so one MSP may not stand for two requirements, unless no choice of distinct MSPs exists at all: then the sets in
 * which one stands for several are given, and the result says so.
 *
 * A requirement that nobody can meet gives no set.
 */
export function renderPolicy(requirements: readonly Requirement[]): RenderedPolicy {
  const choices = requirements.reduce<readonly (readonly string[])[]>(
    (partial, { candidates }) => partial.flatMap((set) => candidates.map((msp) => [...set, msp])),
    [[]],
  );
  const distinct = choices.filter((choice) => new Set(choice).size === choice.length);
  const shared = distinct.length === 0 && choices.length > 0;
  return { sets: minimalSets(shared ? choices : distinct), shared };
}

/**
 * Who may replace a channel's contracts: every smallest majority of the members that includes a regulator, where the
 * channel has one. A bank and the platform alone must not be able to.
 */
export function lifecycleSets(members: readonly PolicyMember[]): readonly (readonly string[])[] {
  const regulators = new Set(
    members.filter(({ roles }) => roles.includes('regulator')).map(({ msp }) => msp),
  );
  const size = Math.floor(members.length / 2) + 1;
  const majorities = subsets(
    members.map(({ msp }) => msp),
    size,
  );
  return regulators.size === 0
    ? majorities
    : majorities.filter((set) => set.some((msp) => regulators.has(msp)));
}

/** Sorted, without duplicates and without sets that contain another. */
function minimalSets(choices: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const unique = new Map(
    choices.map((choice) => [...new Set(choice)].sort()).map((set) => [set.join('\n'), set]),
  );
  const sets = [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
  return sets.filter(
    (set) => !sets.some((other) => other.length < set.length && other.every((msp) => set.includes(msp))),
  );
}

function subsets(items: readonly string[], size: number): readonly (readonly string[])[] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) =>
    subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]),
  );
}
