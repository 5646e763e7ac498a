/** Times ways of doing the same work, in turn in one process, so that whatever else the machine does hurts all alike. */
import { resetMemoryPeak, tensorMemory } from "../engine/index.js";

/** Medians over the rounds. */
export type Measured = {
  readonly ms: number;
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** Tensor memory at the peak beyond what was there before. */
  readonly peakBytes: number;
};

/** One warm-up each, then `rounds` rounds. */
export function interleave<Name extends string>(
  ways: Readonly<Record<Name, () => unknown>>,
  rounds: number,
): Record<Name, Measured> {
  const names = Object.keys(ways) as Name[];
  const samples = new Map(names.map((name) => [name, [] as Measured[]]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const sample = measure(ways[name]);
      if (round >= 0) samples.get(name)!.push(sample);
    }
  }
  const medians = names.map((name) => {
    const of = (key: keyof Measured) => median(samples.get(name)!.map((sample) => sample[key]));
    return [name, { ms: of("ms"), cpuMs: of("cpuMs"), peakBytes: of("peakBytes") }];
  });
  return Object.fromEntries(medians) as Record<Name, Measured>;
}

function measure(work: () => unknown): Measured {
  resetMemoryPeak();
  const { liveBytes } = tensorMemory();
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, peakBytes: tensorMemory().peakBytes - liveBytes };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
