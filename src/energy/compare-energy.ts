/** A spiking network beside its ANN twin under every energy model. */

import type { NetworkOperations } from "../activity/index.js";
import type { EnergyConstants, NeuromorphicChip } from "./energy-constants.js";
import { type Accounting, type EnergyEstimate, estimateEnergy } from "./estimate-energy.js";
import { equivalentBits, floatArithmetic, integerArithmetic } from "./operation-prices.js";

/** One energy model's verdict. */
export interface EnergyRow {
  /** Stable name for programs. */
  readonly id: string;
  /** What it assumes, in words for a table. */
  readonly model: string;
  /** The spiking network, per example. */
  readonly snn: EnergyEstimate;
  /** Its twin, per example. */
  readonly ann: EnergyEstimate;
  /** ANN over SNN: above 1 the spiking network needs less. */
  readonly ratio: number;
  /**
   * Mean spikes per neuron and timestep at which both would need the same, everything else equal; `null` where even
   * a silent spiking network would need more.
   */
  readonly breakEvenRate: number | null;
}

/** Both networks in all models of one process. */
export interface EnergyComparison {
  /** Name of the process, such as `45 nm`. */
  readonly process: string;
  /** Who published its constants. */
  readonly source: string;
  /** Spikes per neuron and timestep. */
  readonly meanRate: number;
  /** Bits of the quantised twin's activations. */
  readonly twinBits: number;
  /** The spiking network by {@link shortcutEnergy}. */
  readonly shortcutPj: number;
  /** One an energy model: four in float32, two in integers. */
  readonly rows: readonly EnergyRow[];
}

const floatModels: readonly { readonly accounting: Accounting; readonly model: string }[] = [
  { accounting: "synapses", model: "synaptic operations only (the paper's)" },
  { accounting: "operations", model: "all operations" },
  { accounting: "time-stepped", model: "with memory, membranes once per timestep" },
  { accounting: "event-driven", model: "with memory, membranes at every arriving spike" },
];

/**
 * All energy models of one process.
 *
 * @param operations - per example: the spiking network's as counted, its twin's such as {@link denseOperations} gives
 * @param constants - of one process
 */
export function compareEnergy(
  { snn, ann }: { readonly snn: NetworkOperations; readonly ann: NetworkOperations },
  constants: EnergyConstants,
): EnergyComparison {
  const meanRate = snn.spikes / (snn.neurons * snn.timesteps);
  const twinBits = equivalentBits(snn.timesteps * (snn.levels ?? 1));
  const float = floatArithmetic(constants);
  const integer = integerArithmetic(constants, twinBits);
  const row = (id: string, model: string, arithmetic: typeof float, accounting: Accounting): EnergyRow => {
    const ours = estimateEnergy(snn, { arithmetic, accounting });
    // A dense network has no arriving spikes: its sums stay in registers whatever the spiking one does.
    const theirs = estimateEnergy(ann, {
      arithmetic,
      accounting: accounting === "event-driven" ? "time-stepped" : accounting,
    });
    return {
      id,
      model,
      snn: ours,
      ann: theirs,
      ratio: theirs.totalPj / ours.totalPj,
      breakEvenRate: breakEven(ours, theirs.totalPj, meanRate),
    };
  };
  return {
    process: constants.name,
    source: constants.source,
    meanRate,
    twinBits,
    shortcutPj: shortcutEnergy(snn, constants),
    rows: [
      ...floatModels.map(({ accounting, model }) =>
        row(`float-${accounting}`, `float32: ${model}`, float, accounting),
      ),
      row(
        "integer-operations",
        `integers, ANN with ${twinBits}-bit activations: all operations`,
        integer,
        "operations",
      ),
      row(
        "integer-time-stepped",
        `integers, ANN with ${twinBits}-bit activations: with memory, membranes once per timestep`,
        integer,
        "time-stepped",
      ),
    ],
  };
}

/**
 * The field's shortcut: rate x dense operations at the price of an accumulate; real-valued layers in full.
 *
 * @param operations - of which only `layers` are charged
 * @param constants - of one process
 * @returns picojoules per example
 */
export function shortcutEnergy({ layers }: NetworkOperations, { acPj, macPj }: EnergyConstants): number {
  return layers.reduce((sum, layer) => sum + layer.shortcut * (layer.input === "real" ? macPj : acPj), 0);
}

/**
 * Published energies per synaptic operation times this network's; multiply-accumulates count as one each.
 *
 * @param operations - of which only `layers` are charged
 * @param chips - such as those of {@link publishedEnergies}
 */
export function chipEnergies(
  { layers }: NetworkOperations,
  chips: readonly NeuromorphicChip[],
): {
  /** As given. */
  readonly chip: NeuromorphicChip;
  /** Picojoules per example. */
  readonly totalPj: number;
}[] {
  const operations = layers.reduce((sum, layer) => sum + layer.accumulates + layer.multiplyAccumulates, 0);
  return chips.map((chip) => ({ chip, totalPj: operations * chip.pjPerSynapticOperation }));
}

function breakEven(snn: EnergyEstimate, annPj: number, meanRate: number): number | null {
  const fixedPj = snn.totalPj - snn.spikesPj;
  return snn.spikesPj > 0 && annPj > fixedPj ? (meanRate * (annPj - fixedPj)) / snn.spikesPj : null;
}
