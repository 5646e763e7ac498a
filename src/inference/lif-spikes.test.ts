/** Fused neurons against the network's own operator, over every combination of what they can be told. */
import { describe, expect, it } from "vitest";
import { combinations } from "../../tests/combinations.js";
import { difference } from "../../tests/lif-comparison.js";
import { MEMBRANE_TOLERANCE } from "../../tests/tolerances.js";
import {
  add,
  call,
  clone,
  div,
  expand,
  flatten,
  full,
  mul,
  noGrad,
  permute,
  rand,
  randn,
  scope,
  sub,
  unsqueeze,
} from "../engine/index.js";
import { lifSequence } from "../neurons/index.js";
import { lifSpikes, unpackSpikes } from "./index.js";

const [batch, channels, height, width] = [2, 70, 3, 4] as const; // two words of bits, the second with few
const eps = 1e-4;

const everyCombination = combinations({
  reset: ["soft", "hard"] as const,
  leak: [1, 0.9],
  norm: [false, true],
  threshold: ["one", "channel"] as const,
  initial: [false, true],
  constant: [false, true],
  steps: [1, 5],
});

describe("fused neurons equal lifSequence", () => {
  it.each(everyCombination)(
    "$reset reset, λ $leak, norm $norm, ϑ per $threshold, membrane $initial, constant $constant, T $steps",
    ({ reset, leak, norm, threshold: shared, initial, constant, steps }) => {
      scope("compare", () => {
        noGrad(() => {
          const image = mul(randn([batch, channels, height, width], 1), 1.2);
          const current = constant
            ? clone(expand(unsqueeze(image, 0), [steps, ...image.shape]))
            : mul(randn([steps, ...image.shape], 2), 1.2);
          const threshold = shared === "one" ? full([1], 0.8) : add(rand([channels], 3), 0.3);
          const gamma = add(rand([steps, channels], 4), 0.5);
          const runningMean = mul(randn([steps, channels], 5), 0.2);
          const runningVar = add(rand([steps, channels], 6), 0.5);
          const membrane = randn(image.shape, 7);
          const statistics = { runningMean, runningVar, training: false, momentum: 0.1, eps };
          const theirs = lifSequence(current, {
            ...{ leak, threshold, reset, surrogate: "linear", imbalance: 0 },
            norm: norm ? { scale: gamma, ...statistics } : undefined,
            initial: initial ? membrane : undefined,
          });
          const scale = div(gamma, call("aten::sqrt", [add(runningVar, eps)]));
          const folded = { scale, shift: mul(sub(full([1], 0), scale), runningMean) };
          const carried = call("aten::contiguous", [permute(membrane, [0, 2, 3, 1])]);
          const ours = lifSpikes(constant ? image : flatten(current, 0, 1), steps, {
            ...(norm ? folded : {}),
            ...(initial ? { membrane: carried } : {}),
            threshold: clone(expand(threshold, [channels])),
            ...{ leak, hardReset: reset === "hard", constant },
          });
          const spikes = unpackSpikes(ours.bits, channels);
          expect(difference(spikes, flatten(theirs.spikes, 0, 1))).toBe(0);
          expect(ours.counts.toArray()).toEqual(theirs.counts.toArray());
          if (!initial) return;
          const membraneAfter = permute(carried, [0, 3, 1, 2]);
          expect(difference(membraneAfter, theirs.membrane)).toBeLessThan(MEMBRANE_TOLERANCE);
        });
      });
    },
  );
});
