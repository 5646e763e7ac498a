/** The door to c10d: the store through which ranks find each other, and Gloo's exchanges between them. */
import { NativeError } from "../errors.js";
import { guarded, type Native, native, type RankPlace } from "./native.js";
import type { Tensor } from "./tensor.js";

export type { RankPlace } from "./native.js";

/** Whether this build can train on several ranks: it has c10d with Gloo. */
export function hasGloo(): boolean {
  return native().ranks !== undefined;
}

type Ranks = NonNullable<Native["ranks"]>;

function withRanks<T>(body: (ranks: Ranks) => T): T {
  return guarded(({ ranks }) => {
    if (ranks !== undefined) return body(ranks);
    throw new NativeError(
      "ranks: expected a build with c10d and Gloo, received one without; install libgloo-dev (Debian, Ubuntu) and run scripts/setup again",
    );
  });
}

/** Opens the store on rank 0, and looks for it on the others. @throws OptionError naming what does not answer */
export function openRanks(place: RankPlace): void {
  withRanks((ranks) => ranks.open(place));
}

/** Writes a value into the store. @param key - of all ranks */
export function putForRanks(key: string, value: string): void {
  withRanks((ranks) => ranks.put(key, value));
}

/** A value of the store, or `undefined` where none has come. */
export function getFromRanks(key: string): string | undefined {
  return withRanks((ranks) => ranks.get(key));
}

/** How often this was called with the key, by all ranks. */
export function countRanks(key: string): number {
  return withRanks((ranks) => ranks.count(key));
}

/**
 * Connects every rank to every other, and their GPUs where this build has what links them.
 *
 * @param device - where this rank computes
 * @throws RankError naming the one that is missing, as all that follow
 */
export function connectRanks(device: string): void {
  withRanks((ranks) => ranks.connect(device));
}

/** What exchanges the tensors of a device: `NCCL` between GPUs where this build has it, else `Gloo`, in the processor's memory. */
export function exchangeOfRanks(device: string): string {
  return withRanks((ranks) => ranks.exchangeOf(device));
}

/** What no other GPU is called, on any machine; empty for the CPU, and where the driver does not say. */
export function gpuIdentity(device: string): string {
  return withRanks((ranks) => ranks.gpuIdentity(device));
}

/** Sums a tensor over all ranks, in place. */
export function sumOverRanks(tensor: Tensor): void {
  withRanks((ranks) => ranks.sum(tensor.handle));
}

/** Overwrites a tensor with rank 0's. */
export function broadcastFromFirst(tensor: Tensor): void {
  withRanks((ranks) => ranks.broadcast(tensor.handle));
}

/**
 * From now on backward sends the gradients of these leaves to the other ranks, bucket by bucket.
 *
 * @returns bytes that one step sums, per rank
 */
export function reduceGradientsOf(parameters: readonly Tensor[], bucketBytes: number): number {
  return withRanks((ranks) =>
    ranks.reduceGradientsOf(
      parameters.map(({ handle }) => handle),
      bucketBytes,
    ),
  );
}

/** After backward: waits for what is under way. Gradients are then the sums over all ranks. */
export function finishGradients(): void {
  withRanks((ranks) => ranks.finishGradients());
}

/** Whether batch norm in training takes its statistics over all ranks. */
export function synchroniseNorms(synchronised: boolean): void {
  withRanks((ranks) => ranks.synchroniseNorms(synchronised));
}

/** Over how many ranks batch norm in training takes its statistics; 0 where {@link synchroniseNorms} is off. */
export function ranksOfNorms(): number {
  return native().ranks?.ranksOfNorms() ?? 0;
}

/** Tells the other ranks why this one ends; they fail with these words. */
export function tellRanksFault(message: string): void {
  withRanks((ranks) => ranks.fault(message));
}

/** Leaves the others. Rank 0, which has the store, waits a moment for those that still need it. */
export function closeRanks(): void {
  withRanks((ranks) => ranks.close());
}
