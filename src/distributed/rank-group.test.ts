/** One rank alone: what is summed over ranks is what it was, so that exchanges can be compared with none. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  batchNorm,
  hasGloo,
  liveTensors,
  mul,
  ones,
  randn,
  ranksOfNorms,
  scope,
  sum,
  type Tensor,
  tensorFrom,
  zeros,
} from "../engine/index.js";
import { firstDifference } from "./first-difference.js";
import { joinRanks } from "./join-ranks.js";
import { freePort } from "./launch-ranks.js";
import type { RankGroup } from "./rank-group.js";

const close = 1e-5;

describe("records of two ranks", () => {
  it("differ in the first entry that is not the same, or is missing", () => {
    expect(firstDifference({ a: 1, b: [2, "x"] }, { b: [2, "x"], a: 1 })).toBeUndefined();
    expect(firstDifference({ a: 1, b: 2 }, { a: 1, b: 3 })).toEqual(["b", "2", "3"]);
    expect(firstDifference({ a: "x" }, { a: "x", c: null })).toEqual(["c", "none", "null"]);
  });
});

describe.skipIf(!hasGloo())("a group of one rank (skipped without Gloo)", () => {
  let ranks: RankGroup;
  let before = 0;
  beforeEach(async () => {
    before = liveTensors();
    const place = {
      rank: 0,
      world: 1,
      localRank: 0,
      localWorld: 1,
      address: "localhost",
      port: await freePort(),
      job: "",
    };
    ranks = await joinRanks(place, { timeout: 10, identity: {} });
  });
  afterEach(() => {
    ranks[Symbol.dispose]();
    expect(liveTensors()).toBe(before);
  });

  it("sums, tells and averages what is its own", () => {
    expect(ranks.sum([1, 2.5])).toEqual([1, 2.5]);
    expect([ranks.any(true), ranks.any(false)]).toEqual([true, false]);
    expect(ranks.fromFirst({ path: "läufe/1" })).toEqual({ path: "läufe/1" });
    scope("average", () => {
      const parts = [tensorFrom(Float32Array.of(1, 2), [2]), tensorFrom(Float32Array.of(3, 4), [1, 2])];
      ranks.average(parts);
      expect(parts.map((part) => part.toNumbers())).toEqual([
        [1, 2],
        [3, 4],
      ]);
    });
  });

  it("leaves gradients as they are, and away where there are none", () => {
    scope("gradients", () => {
      const [used, unused] = [tensorFrom(Float32Array.of(1, 2), [2]), ones([3])].map((leaf) =>
        leaf.setRequiresGrad(true),
      );
      expect(ranks.reduceGradients([used!, unused!])).toBe(4 * (2 + 3 + 2));
      for (const factor of [3, 5]) {
        sum(mul(used!, factor)).backward();
        ranks.finishGradients();
        expect(used!.grad!.toNumbers()).toEqual([factor, factor]);
        expect(unused!.grad).toBeUndefined();
        used!.clearGrad();
      }
    });
  });

  it("normalises over all ranks as libtorch does over one, forward and backward", () => {
    scope("norm", () => {
      const run = (synchronised: boolean) => {
        ranks.synchroniseNorms(synchronised);
        expect(ranksOfNorms()).toBe(synchronised ? 1 : 0);
        const [x, gradient] = [randn([4, 3, 5, 6], 1), randn([4, 3, 5, 6], 2)].map((map) => mul(map, 3));
        const [weight, bias] = [
          tensorFrom(Float32Array.of(0.5, 1, 2), [3]),
          tensorFrom(Float32Array.of(1, -1, 0), [3]),
        ];
        const leaves = [x!, weight!, bias!].map((leaf) => leaf.setRequiresGrad(true));
        const statistics = [zeros([3]), ones([3])];
        const y = batchNorm(leaves[0]!, {
          ...{ weight: leaves[1], bias: leaves[2], runningMean: statistics[0]!, runningVar: statistics[1]! },
          ...{ training: true, momentum: 0.1, eps: 1e-4 },
        });
        sum(mul(y, gradient!)).backward();
        return [y, ...statistics, ...leaves.map((leaf) => leaf.grad!)].map((tensor: Tensor) =>
          tensor.toFloat32Array(),
        );
      };
      const [alone, together] = [run(false), run(true)];
      for (const [i, values] of alone.entries()) {
        const largest = Math.max(...values.map(Math.abs));
        for (const [j, value] of values.entries())
          expect(Math.abs(together[i]![j]! - value)).toBeLessThan(close * largest);
      }
    });
  });
});
