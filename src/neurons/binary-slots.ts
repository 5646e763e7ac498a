/** The other way to send an integer: as spikes of 0 and 1 in D slots of time. */
import {
  add,
  clone,
  concat,
  detach,
  expand,
  mul,
  reshape,
  scope,
  select,
  sub,
  Tensor,
  unsqueeze,
  zerosLike,
} from "../engine/index.js";
import type { LifResult } from "./lif-options.js";
import { lifSequence } from "./lif-sequence.js";

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
 * timestep's current and half a step, then fires while it lies above the threshold, a spike a slot:
 *
 *     u = λ·v + i + ϑ/2;   in each slot s = [u > ϑ], u ← u − ϑ·s;   v = u − ϑ/2
 *
 * So many slots fire as the integer says, but where u/ϑ + ½ is a whole number or rounds to one.
 *
 * @param current - i, `[T, N, C, H, W]`
 * @param options - of the layer
 * @returns spikes `[T·D, N, C, H, W]` of 0 and a, and their counts per slot
 */
export function binarySlots(current: Tensor, options: SlotOptions): LifResult {
  const { levels, amplitude, leak, threshold, initial } = options;
  return scope("binary slots", () => {
    const perChannel = reshape(threshold, [-1, 1, 1]);
    const half = mul(perChannel, 0.5);
    const results: LifResult[] = [];
    let v = initial ?? zerosLike(select(current, 0, 0));
    for (let t = 0; t < (current.shape[0] ?? 0); t++) {
      const charge = add(mul(v, leak), select(current, 0, t));
      const silence = expand(unsqueeze(zerosLike(charge), 0), [levels - 1, ...charge.shape]);
      const slots = levels > 1 ? concat([unsqueeze(charge, 0), silence]) : unsqueeze(charge, 0);
      const raised = clone(expand(half, charge.shape));
      const fired = lifSequence(slots, { leak: 1, threshold: detach(threshold), initial: raised });
      results.push(fired);
      v = sub(fired.membrane, half);
    }
    const all = (part: "spikes" | "counts" | "excess") => concat(results.map((result) => result[part]));
    const worth = amplitude === "threshold" ? perChannel : amplitude;
    const spikes = all("spikes");
    return {
      spikes: worth === 1 ? spikes : mul(spikes, worth),
      levels: 1,
      amplitude: worth instanceof Tensor ? detach(worth) : worth,
      membrane: v,
      counts: all("counts"),
      excess: all("excess"),
    };
  });
}
