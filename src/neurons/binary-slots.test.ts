import { expect, it } from "vitest";
import { difference } from "../../tests/lif-comparison.js";
import { add, mul, rand, randn, scope, splitFirst, sum } from "../engine/index.js";
import { binarySlots } from "./binary-slots.js";
import { integerSequence } from "./index.js";

it.each([
  { levels: 4, amplitude: "threshold" },
  { levels: 3, amplitude: 0.5 },
  { levels: 1, amplitude: 1 },
] as const)("fires in as many slots as the integer says: $levels, $amplitude", ({ levels, amplitude }) => {
  scope("test", () => {
    const current = mul(add(randn([3, 2, 4, 5, 5], 1), 0.5), 1.5);
    const options = { levels, amplitude, leak: 0.8, threshold: add(rand([4], 2), 0.3) };
    const integers = integerSequence(current, options);
    const slots = binarySlots(current, options);
    expect(slots.spikes.shape).toEqual([3 * levels, 2, 4, 5, 5]);
    expect(new Set(integers.spikes.toNumbers()).size).toBeGreaterThan(levels);
    expect(difference(sum(splitFirst(slots.spikes, 3), [1]), integers.spikes)).toBeLessThan(1e-6);
    expect(slots.membrane.toFloat32Array()).toEqual(integers.membrane.toFloat32Array());
    const perStep = splitFirst(slots.counts, 3);
    expect(sum(perStep, [1]).toNumbers()).toEqual(integers.counts.toNumbers());
  });
});
