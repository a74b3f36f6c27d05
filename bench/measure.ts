/** Operations a second of one measurement, with the latency that single operations saw. */
export interface Throughput {
  readonly name: string;
  readonly operations: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/**
 * Runs `operation` from `concurrency` loops for `seconds`, after a warm-up of a fifth of that. Failures are counted and
 * never as operations.
 */
export async function throughput(
  name: string,
  concurrency: number,
  seconds: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Throughput> {
  let index = 0;
  const run = async (
    milliseconds: number,
  ): Promise<{ latencies: number[]; failures: number; elapsed: number }> => {
    const latencies: number[] = [];
    let failures = 0;
    const start = performance.now();
    const loop = async (): Promise<void> => {
      while (performance.now() - start < milliseconds) {
        const begun = performance.now();
        try {
          await operation(index++);
          latencies.push(performance.now() - begun);
        } catch (error) {
          failures += 1;
          if (failures === 1)
            console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, loop));
    return { latencies, failures, elapsed: (performance.now() - start) / 1000 };
  };
  await run(seconds * 200);
  return summary(name, await run(seconds * 1000));
}

/** Does `operation` once for each item, from `concurrency` loops. */
export async function batch<T>(
  name: string,
  concurrency: number,
  items: readonly T[],
  operation: (item: T) => Promise<unknown>,
): Promise<Throughput> {
  const queue = items.values();
  const latencies: number[] = [];
  let failures = 0;
  const start = performance.now();
  const loop = async (): Promise<void> => {
    for (const item of queue) {
      const begun = performance.now();
      try {
        await operation(item);
        latencies.push(performance.now() - begun);
      } catch (error) {
        failures += 1;
        if (failures === 1)
          console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return summary(name, { latencies, failures, elapsed: (performance.now() - start) / 1000 });
}

function summary(
  name: string,
  run: { readonly latencies: readonly number[]; readonly failures: number; readonly elapsed: number },
): Throughput {
  const latencies = [...run.latencies].sort((a, b) => a - b);
  const percentile = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return {
    name,
    operations: latencies.length,
    failures: run.failures,
    perSecond: latencies.length / run.elapsed,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
  };
}

/** Prints measurements as a table. */
export function printTable(rows: readonly Throughput[]): void {
  console.log(
    `${'what'.padEnd(44)}${'per second'.padStart(12)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}${'failures'.padStart(10)}`,
  );
  for (const row of rows)
    console.log(
      `${row.name.padEnd(44)}${row.perSecond.toFixed(0).padStart(12)}${row.p50Ms.toFixed(1).padStart(9)}${row.p95Ms.toFixed(1).padStart(9)}${String(row.failures).padStart(10)}`,
    );
}
