/** The other way to send an integer: as spikes of 0 and 1 in D slots of time. */
import {
  add,
  detach,
  div,
  ge,
  mul,
  reshape,
  scope,
  select,
  stack,
  sub,
  type Tensor,
  toDType,
  zerosLike,
} from "../engine/index.js";
import type { LifResult } from "./lif-options.js";
import { mapSums, stepSums } from "./map-sums.js";

/** What a layer of neurons that send integers is. */
export interface SlotOptions {
  /** D. */
  readonly levels: number;
  /** a: what one spike is worth to the next layer, or the layer's `"threshold"`. */
  readonly amplitude: number | "threshold";
  /** λ. */
  readonly leak: number;
  /** ϑ: `[1]` or `[C]`. */
  readonly threshold: Tensor;
  /** v before the first timestep, `[N, C, H, W]`; 0 when absent. */
  readonly initial?: Tensor | undefined;
}

/**
 * What `integerSequence` computes, by binary neurons: every timestep takes D slots. In the first a membrane takes in all of the
 * timestep's current and half a step, then fires while it reaches the threshold, a spike a slot:
 *
 *     u = λ·v + i,   m = u/ϑ + ½;   in each slot s = [m ≥ 1], m ← m − s;   v = u − ϑ·Σs
 *
 * m is the membrane in thresholds, whose reset by 1 is exact in float32: so many slots fire as the integer says, to the last bit.
 *
 * @param current - i, `[T, N, C, H, W]`; no gradient passes
 * @param options - of the layer
 * @returns spikes `[T·D, N, C, H, W]` of 0 and a, and their counts per slot
 */
export function binarySlots(current: Tensor, options: SlotOptions): LifResult {
  const { levels, amplitude, leak, threshold, initial } = options;
  return scope("binary slots", () => {
    const perChannel = detach(reshape(threshold, [-1, 1, 1]));
    const slots: Tensor[] = [];
    const excess: Tensor[] = [];
    let v = initial ?? zerosLike(select(current, 0, 0));
    for (let t = 0; t < (current.shape[0] ?? 0); t++) {
      const charge = add(mul(v, leak), detach(select(current, 0, t)));
      let membrane = add(div(charge, perChannel), 0.5);
      const first = slots.length;
      for (let slot = 0; slot < levels; slot++) {
        const spikes = toDType(ge(membrane, 1), "float32");
        excess.push(mapSums(sub(membrane, 1)));
        slots.push(spikes);
        membrane = sub(membrane, spikes);
      }
      v = sub(
        charge,
        mul(
          perChannel,
          slots.slice(first).reduce((a, b) => add(a, b)),
        ),
      );
    }
    const binary = stack(slots);
    const worth = amplitude === "threshold" ? perChannel : amplitude;
    return {
      spikes: worth === 1 ? binary : mul(binary, worth),
      levels: 1,
      amplitude: worth,
      membrane: v,
      counts: stepSums(mapSums(binary), "int64"),
      excess: stepSums(stack(excess), "float64"),
    };
  });
}
