/** How often a spiking network's neurons fire and where their membranes end: plain data, and totals of it. */

/** Where the bins of {@link LayerStatistics.membranes} lie, in units of the threshold; the outer ones take the rest. */
export const membraneBins = { from: -3, to: 1.5, count: 45 } as const;

/** One spiking layer over all examples seen. */
export interface LayerStatistics {
  /** Key of the layer's convolution, such as `features.0`. */
  readonly name: string;
  /** Neurons per example. */
  readonly neurons: number;
  /** Examples seen. */
  readonly examples: number;
  /** All spikes. */
  readonly spikes: number;
  /** Spikes per example. */
  readonly averageSpikes: number;
  /** Spikes per neuron and example over all timesteps: the reference's rate, which may exceed 1. */
  readonly rate: number;
  /** Spikes per neuron at each timestep, in [0, 1]. */
  readonly perTimestep: readonly number[];
  /** Share of neurons that do not fire during one example. */
  readonly silentShare: number;
  /** Share of neurons that fire at every timestep of one example. */
  readonly saturatedShare: number;
  /** Share of neurons that did not fire in any example. */
  readonly deadShare: number;
  /** Shares of neurons by v/ϑ after the last timestep, in `membraneBins`. */
  readonly membranes: readonly number[];
}

/** What {@link SpikeRecorder} saw. */
export interface SpikeStatistics {
  /** What was fed to the first layer. */
  readonly input: {
    /** Share of input elements other than 0, per timestep; one entry where the same image is fed at each. */
    readonly perTimestep: readonly number[];
    /** Mean of the input's magnitude. */
    readonly meanMagnitude: number;
    /** Timesteps of the input; 1 where the same image is fed at each. */
    readonly timesteps: number;
  };
  /** Spiking layers from input to output. */
  readonly layers: readonly LayerStatistics[];
}

/** The figures that the reference reports, under its names. */
export interface SpikeTotals {
  /** Spikes per example, all layers. */
  readonly totalAverage: number;
  /** Neurons per example, all layers. */
  readonly totalNeurons: number;
  /** Spikes per neuron and example over all timesteps. */
  readonly totalRate: number;
}

/**
 * Totals over all spiking layers.
 *
 * @param statistics - a rate of 0 where there is no spiking layer
 */
export function spikeTotals({ layers }: SpikeStatistics): SpikeTotals {
  const totalAverage = layers.reduce((sum, layer) => sum + layer.averageSpikes, 0);
  const totalNeurons = layers.reduce((sum, layer) => sum + layer.neurons, 0);
  return { totalAverage, totalNeurons, totalRate: totalNeurons > 0 ? totalAverage / totalNeurons : 0 };
}

/**
 * Spikes per neuron and timestep over all layers, in [0, 1].
 *
 * @param statistics - of examples that all ran for the same number of timesteps
 */
export function meanRate(statistics: SpikeStatistics): number {
  const timesteps = statistics.layers[0]?.perTimestep.length ?? 1;
  return spikeTotals(statistics).totalRate / timesteps;
}
