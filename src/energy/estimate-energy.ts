/**
 * Energy of one example from its operation counts. `docs/design/energy.md` derives every formula and works examples.
 *
 * With M multiply-accumulates, A accumulates, and per layer l: S_l = M_l + A_l operations, W_l weights, I_l inputs,
 * O_l outputs, T timesteps, bits b_w, b_v, b_x of weights, membranes and values, energies E_S, E_D of a bit of SRAM, DRAM:
 *
 *     synapses     M·E_MAC + A·E_AC
 *     auxiliary    the same for neurons, normalisation, pooling, resizing, encoding; draws·E_draw
 *     weights      Σ S_l·b_w·E_S + Σ W_l·b_w·E_D
 *     values       Σ (inputs read + outputs written)·bits·E_S
 *     membranes    Σ 2·b_v·T·O_l·E_S, event-driven also 2·b_v·A·E_S
 */

import type { LayerOperations, NetworkOperations } from "../activity/index.js";
import { type Arithmetic, equivalentBits } from "./operation-prices.js";

/**
 * How much is charged:
 *
 * - `synapses`: only operations of synapses, as the field does
 * - `operations`: all operations
 * - `time-stepped`: and memory; a membrane is read and written once per timestep
 * - `event-driven`: and memory; a membrane is read and written for every spike that arrives
 */
export type Accounting = "synapses" | "operations" | "time-stepped" | "event-driven";

/** Picojoules per example. */
export interface EnergyEstimate {
  /** Sum of the parts. */
  readonly totalPj: number;
  /** By what is charged; 0 for what the accounting leaves out. */
  readonly parts: {
    /** Operations of layers with weights. */
    readonly synapses: number;
    /** Neurons, normalisation, pooling, resizing, encoding. */
    readonly auxiliary: number;
    /** Weights: from off-chip memory once, from on-chip memory at each operation. */
    readonly weights: number;
    /** Inputs read and outputs written, on chip. */
    readonly values: number;
    /** Membranes read and written, on chip; 0 for an ANN. */
    readonly membranes: number;
  };
  /** That part of the total, in picojoules, which is proportional to the number of spikes. */
  readonly spikesPj: number;
}

/** Bits of an encoded input (−1, 0, 1). */
const EVENT_BITS = 2;
/** Neurons that an average pooling adds up. */
const WINDOW = 9;

/**
 * What one example costs.
 *
 * @param operations - of one network, per example
 * @param options - the hardware, and how much is charged
 * @example
 * import { createModel } from "snnseg";
 * import { denseOperations, estimateEnergy, floatArithmetic, publishedEnergies } from "snnseg/energy";
 *
 * const model = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 21 });
 * const operations = denseOperations(model.config, [64, 64]);
 * for (const process of publishedEnergies.processes) {
 *   const arithmetic = floatArithmetic(process);
 *   const { totalPj } = estimateEnergy(operations, { arithmetic, accounting: "time-stepped" });
 *   console.log(process.name, `${totalPj / 1e6} µJ per image`);
 * }
 * model.dispose();
 */
export function estimateEnergy(
  operations: NetworkOperations,
  { arithmetic, accounting }: { readonly arithmetic: Arithmetic; readonly accounting: Accounting },
): EnergyEstimate {
  const { constants, accumulatePj, weightBits, membraneBits, valueBits } = arithmetic;
  const { layers, kind, timesteps } = operations;
  const auxiliaryCharged = accounting !== "synapses";
  const memoryCharged = auxiliaryCharged && accounting !== "operations";
  const sramPj = memoryCharged ? constants.sramPjPerBit : 0;
  const perArrival = accounting === "event-driven" ? 2 * membraneBits * sramPj : 0;
  const macPj = (source: LayerOperations["source"]) => arithmetic.multiplyAccumulatePj(valueBits(source));

  const accumulates = sum(layers.map((layer) => layer.accumulates));
  const synapses =
    accumulates * accumulatePj + sum(layers.map((l) => l.multiplyAccumulates * macPj(l.source)));
  const auxiliary = auxiliaryCharged
    ? sum(
        operations.auxiliary.map(
          (row) =>
            row.multiplyAccumulates * macPj("scores") +
            row.accumulates * accumulatePj +
            row.draws * constants.drawPj,
        ),
      )
    : 0;
  const weights = memoryCharged
    ? sum(
        layers.map(
          (layer) =>
            (layer.multiplyAccumulates + layer.accumulates) * weightBits * sramPj +
            layer.weights * weightBits * constants.dramPjPerBit,
        ),
      )
    : 0;
  const values = sum(layers.map((layer) => valueTraffic(layer, operations, arithmetic))) * sramPj;
  const states = kind === "snn" ? sum(layers.map(stateSize)) * timesteps : 0;
  const membranes = states * 2 * membraneBits * sramPj + accumulates * perArrival;

  const fromSpikes = sum(layers.filter((layer) => layer.source !== "image").map((l) => l.accumulates));
  const parts = { synapses, auxiliary, weights, values, membranes };
  return {
    totalPj: sum(Object.values(parts)),
    parts,
    spikesPj:
      fromSpikes * (accumulatePj + weightBits * sramPj + perArrival) +
      (auxiliaryCharged ? operations.spikes * accumulatePj : 0),
  };
}

/** Bits that a layer reads as inputs and writes as outputs, each once per pass. */
function valueTraffic(
  layer: LayerOperations,
  { kind, timesteps, levels = 1 }: NetworkOperations,
  { valueBits }: Arithmetic,
): number {
  const spikeBits = equivalentBits(levels);
  const { inputs, outputs, neurons, passes, source, input } = layer;
  const reals = layer.fires ? 0 : outputs;
  if (kind === "ann") {
    return inputs * valueBits(source) + neurons * valueBits("spikes") + reals * valueBits("scores");
  }
  const bits =
    input === "real"
      ? valueBits(source)
      : input === "pooled"
        ? equivalentBits(WINDOW * levels)
        : source === "image"
          ? EVENT_BITS
          : spikeBits;
  const currents = layer.kind === "conv" ? reals * timesteps * valueBits("scores") : 0;
  const written = layer.kind === "conv" ? neurons * timesteps * spikeBits + currents : 0;
  // A current that is computed once is read again at every timestep.
  const kept = passes < timesteps ? outputs * timesteps * valueBits("scores") : 0;
  return inputs * passes * bits + written + kept;
}

/** Neurons and integrators whose state a layer drives; a decoder's stages drive those that their skip also drives. */
function stateSize(
  { kind, outputs, neurons }: LayerOperations,
  index: number,
  layers: readonly LayerOperations[],
) {
  if (kind === "conv") return neurons;
  const deepestSkip = layers.findLastIndex((layer) => layer.kind === "skip");
  return kind === "upsample" || index === deepestSkip ? 0 : outputs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
