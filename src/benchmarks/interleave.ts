/** Times ways of doing the same work, in turn in one process, so that whatever else the machine does hurts all alike. */
import { resetMemoryPeak, synchronize, tensorMemory } from "../engine/index.js";

/** Medians over the rounds. */
export type Timed = {
  readonly ms: number;
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** Tensor memory at the peak beyond what was there before; `undefined` where libtorch does not tell of the device. */
  readonly peakBytes: number | undefined;
};

/** {@link Timed} on the CPU, whose memory is always known. */
export type Measured = Timed & { readonly peakBytes: number };

/** One warm-up each, then `rounds` rounds, on the CPU. */
export function interleave<Name extends string>(
  ways: Readonly<Record<Name, () => unknown>>,
  rounds: number,
): Record<Name, Measured> {
  return interleaveOn("cpu", ways, rounds) as Record<Name, Measured>;
}

/** {@link interleave} on any device: the clock waits until it is done. */
export function interleaveOn<Name extends string>(
  device: string,
  ways: Readonly<Record<Name, () => unknown>>,
  rounds: number,
): Record<Name, Timed> {
  const names = Object.keys(ways) as Name[];
  const samples = new Map(names.map((name) => [name, [] as Timed[]]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const sample = measure(device, ways[name]);
      if (round >= 0) samples.get(name)!.push(sample);
    }
  }
  const medians = names.map((name) => {
    const of = (key: keyof Timed) => median(samples.get(name)!.map((sample) => sample[key]!));
    const tellsMemory = samples.get(name)!.every(({ peakBytes }) => peakBytes !== undefined);
    return [name, { ms: of("ms"), cpuMs: of("cpuMs"), peakBytes: tellsMemory ? of("peakBytes") : undefined }];
  });
  return Object.fromEntries(medians) as Record<Name, Timed>;
}

function measure(device: string, work: () => unknown): Timed {
  synchronize(device);
  resetMemoryPeak(device);
  const before = tensorMemory(device);
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  synchronize(device);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const peakBytes = before && tensorMemory(device)!.peakBytes - before.liveBytes;
  return { ms, cpuMs: (user + system) / 1000, peakBytes };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
