/** A network whose hidden layers fire as much as a benchmark wants. */

import { SpikeCounts } from "../activity/index.js";
import {
  amax,
  call,
  copyInto,
  full,
  gt,
  keep,
  mul,
  noGrad,
  scope,
  sqrt,
  sub,
  type Tensor,
} from "../engine/index.js";
import type { LayerSpikes, SnnModel } from "../models/index.js";

const bisections = 12;
/** No neuron charges more than T times its largest current; the search needs less. */
const searchedDeviations = 20;
const lowest = 1e-3;

/**
 * Normalises every layer's currents on `input` and searches for each channel the threshold at which it fires that share
 * of the time; channels that cannot, fire as often as they can.
 *
 * @param input - frames `[T, N, C, H, W]`
 * @param density - spikes per neuron and timestep, in (0, 1)
 */
export function forceDensity(model: SnnModel, input: Tensor, density: number): void {
  model.setTraining(false);
  const layers = model.spikingLayers();
  const current = (name: string, currents: Tensor) => {
    const lif = layers.get(name)!;
    const channels = currents.shape[2]!;
    const threshold = scope("force density", () => {
      const axes = [1, 3, 4];
      const mean = call("aten::mean.dim", [currents, axes, false]); // [T, C]
      const square = call("aten::mean.dim", [mul(currents, currents), axes, false]);
      const variance = sub(square, mul(mean, mean));
      if (lif.norm) {
        copyInto(lif.norm.runningMean, mean);
        copyInto(lif.norm.runningVar, call("aten::clamp_min", [variance, 0]));
      }
      const deviation = lif.norm ? 1 : sqrt(amax(square)).item();
      const { device } = currents;
      let low = full([channels], lowest * deviation, { device });
      let high = full([channels], searchedDeviations * deviation, { device });
      for (let k = 0; k < bisections; k++) {
        const middle = mul(call("aten::add.Tensor", [low, high, 1]), 0.5);
        lif.setThreshold(keep(call("aten::clone", [middle])));
        const rate = scope("try", () => {
          const chunk = { firstStep: 0, normalizedSteps: lif.norm ? currents.shape[0]! : 0, plain: false };
          return call("aten::mean.dim", [lif.forward(currents, chunk).spikes, [0, 1, 3, 4], false]);
        });
        const tooBusy = gt(rate, density);
        low = call("aten::where.self", [tooBusy, middle, low]);
        high = call("aten::where.self", [tooBusy, high, middle]);
      }
      return high;
    });
    lif.setThreshold(keep(threshold));
  };
  scope("settle", () => noGrad(() => model.forward(input, { observer: { current } })));
}

/** Share of neurons that fire per timestep, by layer. */
export function densities(activity: readonly LayerSpikes[], batch: number): Record<string, number> {
  const spikes = new SpikeCounts();
  spikes.add(activity, batch);
  return spikes.perTimestep();
}
