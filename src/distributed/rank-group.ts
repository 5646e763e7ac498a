/** The ranks of a training, as one of them sees them. */
import {
  broadcastFromFirst,
  closeRanks,
  concat,
  copyInto,
  finishGradients,
  mul,
  narrow,
  noGrad,
  putForRanks,
  reduceGradientsOf,
  reshape,
  scope,
  sumOverRanks,
  synchroniseNorms,
  type Tensor,
  tellRanksFault,
  tensorFrom,
} from "../engine/index.js";
import { OptionError, RankError } from "../errors.js";
import type { RankOf } from "./batch-part.js";
import { firstDifference } from "./first-difference.js";
import { valueFromRanks } from "./rank-values.js";

/** As PyTorch's DistributedDataParallel: few enough exchanges, many enough to go on beside backward. */
const bucketBytes = 25 * 2 ** 20;

/** Rank 0 needs a moment for its verdict when all have come. */
const verdictMs = 3000;

/** Of those that are missing, as many are named. */
const namedRanks = 8;

/**
 * What ranks do together. Every rank calls the same methods in the same order; one that is missing ends the others with a
 * RankError that names it.
 */
export class RankGroup implements Disposable, RankOf {
  /** From 0; rank 0 writes the run. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly world: number;
  readonly #exchangingMs: number;

  /** @internal {@link joinRanks} makes groups. */
  constructor({ rank, world }: RankOf, { exchanging }: { readonly exchanging: number }) {
    this.rank = rank;
    this.world = world;
    this.#exchangingMs = exchanging;
  }

  /** Whether this is rank 0, which writes and speaks. */
  get isFirst(): boolean {
    return this.rank === 0;
  }

  /**
   * Checks that a record is the same on all ranks.
   *
   * @param what - a name for it, each used once
   * @param own - of plain values, by the names that an error shall use
   * @param options - `waitMs`: for the others (default: as long as an exchange); `apart`: what no two ranks may share
   * @throws OptionError on every rank, with the first entry that differs or is shared, or the ranks that did not come
   */
  async agree(
    what: string,
    own: Readonly<Record<string, unknown>>,
    {
      waitMs = this.#exchangingMs,
      apart = {},
    }: { readonly waitMs?: number; readonly apart?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const key = (rank: number) => `snnseg/agree/${what}/${rank}`;
    const verdict = `snnseg/verdict/${what}`;
    putForRanks(key(this.rank), JSON.stringify({ own, apart }));
    if (this.isFirst) putForRanks(verdict, await this.#judge({ key, waitMs }));
    const words = await valueFromRanks(verdict, waitMs + verdictMs);
    if (words === undefined)
      throw new RankError("ranks: expected a word of rank 0, received none: it is stopped or busy");
    if (words !== "") throw new OptionError(words);
  }

  async #judge({
    key,
    waitMs,
  }: {
    readonly key: (rank: number) => string;
    readonly waitMs: number;
  }): Promise<string> {
    const until = performance.now() + waitMs;
    const missing: number[] = [];
    const told: RankRecord[] = [];
    for (let rank = 0; rank < this.world; rank++) {
      const text = await valueFromRanks(key(rank), Math.max(0, until - performance.now()));
      if (text === undefined) {
        missing.push(rank);
        continue;
      }
      const record: RankRecord = { rank, ...JSON.parse(text) };
      const problem = disagreement(told, record);
      if (problem !== undefined) return problem;
      told.push(record);
    }
    if (missing.length === 0) return "";
    const more = missing.length > namedRanks ? ` and ${missing.length - namedRanks} more` : "";
    const words = `${missing.length === 1 ? "rank" : "ranks"} ${missing.slice(0, namedRanks).join(", ")}${more}`;
    return (
      `ranks: expected ${this.world} ranks within ${Math.round(waitMs / 1000)} s, received no word of ${words}; ` +
      "start all of them, or raise --rank-timeout"
    );
  }

  /**
   * Sums over all ranks.
   *
   * @param values - as many on every rank; not changed
   */
  sum(values: readonly number[]): number[] {
    return scope("sum over ranks", () => {
      const tensor = tensorFrom(Float64Array.from(values), [values.length]);
      sumOverRanks(tensor);
      return tensor.toNumbers();
    });
  }

  /** Plain data of rank 0. @param value - what this rank would say, which only rank 0's decides */
  fromFirst<T>(value: T): T {
    const own = this.isFirst ? [...Buffer.from(JSON.stringify(value))] : [];
    const [length = 0] = this.sum([own.length]);
    const bytes = this.sum(this.isFirst ? own : new Array<number>(length).fill(0));
    return JSON.parse(Buffer.from(bytes).toString()) as T;
  }

  /** Whether a flag is set on any rank. @param flag - this rank's */
  any(flag: boolean): boolean {
    return this.sum([flag ? 1 : 0])[0]! > 0;
  }

  /** Overwrites tensors with those of rank 0. @param tensors - of the same shapes and types on every rank, in one order */
  broadcast(tensors: Iterable<Tensor>): void {
    for (const tensor of tensors) broadcastFromFirst(tensor);
  }

  /** Overwrites tensors with their means over all ranks. @param tensors - float32, of the same shapes on every rank, in one order */
  average(tensors: readonly Tensor[]): void {
    if (tensors.length === 0) return;
    scope("average over ranks", () =>
      noGrad(() => {
        const all = concat(tensors.map((tensor) => reshape(tensor, [-1])));
        sumOverRanks(all);
        const mean = mul(all, 1 / this.world);
        let first = 0;
        for (const tensor of tensors) {
          copyInto(tensor, reshape(narrow(mean, 0, first, tensor.numel), tensor.shape));
          first += tensor.numel;
        }
      }),
    );
  }

  /**
   * From now on backward sums the gradients of `parameters` over all ranks, in buckets of 25 MiB that leave as soon as they are
   * full; {@link finishGradients} waits for the last.
   *
   * @param parameters - float32 leaves, of the same shapes on every rank, in one order
   * @returns bytes that a step sums, per rank
   */
  reduceGradients(parameters: Iterable<Tensor>): number {
    return reduceGradientsOf([...parameters], bucketBytes);
  }

  /** To be called after every backward. */
  finishGradients(): void {
    finishGradients();
  }

  /**
   * From now on batch norm in training has its statistics over all ranks' examples, or over this rank's again.
   *
   * @param synchronised - over all
   */
  synchroniseNorms(synchronised: boolean): void {
    synchroniseNorms(synchronised);
  }

  /** Tells the others why this rank ends; they fail with `rank N: message`. @param message - one sentence */
  fault(message: string): void {
    tellRanksFault(`rank ${this.rank}: ${message}`);
  }

  /** Leaves the others. */
  [Symbol.dispose](): void {
    closeRanks();
  }
}

/** What a rank says of itself where all are to agree. */
interface RankRecord {
  readonly rank: number;
  /** The same on all ranks. */
  readonly own: Readonly<Record<string, unknown>>;
  /** Another on each. */
  readonly apart: Readonly<Record<string, string>>;
}

function disagreement(before: readonly RankRecord[], { rank, own, apart }: RankRecord): string | undefined {
  const [first] = before;
  const difference = first && firstDifference(first.own, own);
  if (difference !== undefined) {
    const [name, ofFirst, other] = difference;
    return `ranks: expected the same ${name} on all ranks, received ${ofFirst} on rank 0 and ${other} on rank ${rank}; start all ranks alike`;
  }
  for (const [name, value] of Object.entries(apart)) {
    const other = before.find((record) => record.apart[name] === value);
    if (other === undefined) continue;
    return `ranks: expected a ${name} of its own for each rank, received ${value} on ranks ${other.rank} and ${rank}; give each another`;
  }
  return undefined;
}

/** Whether this process writes the run's files: it is alone, or rank 0. */
export function isWriter(ranks: RankGroup | undefined): boolean {
  return ranks === undefined || ranks.isFirst;
}
