/** What a page needs to know of a network to count the operations of an input: which spikes each layer reads, and how far each goes. */
import { denseMacs, synapticLayers } from "../../activity/index.js";
import { type ModelConfig, planNetwork, sizePlan } from "../../models/index.js";

/** Spikes that a layer reads. */
export interface SpikesRead {
  /** The layer, or stage of a decoder, that sends them. */
  readonly layer: string;
  /** Strides of the average poolings 3x3 on the way. */
  readonly pools: readonly number[];
}

/** A layer with weights. */
export interface LayerCost {
  /** Such as `features.0`. */
  readonly name: string;
  /** Multiply-accumulates of one dense pass: all of them are computed where it reads real values. */
  readonly dense: number;
  /** Where spikes come from; none where it reads real values. */
  readonly reads: readonly SpikesRead[];
  /** Computed once for all timesteps. */
  readonly once: boolean;
  /** How far a spike goes in the plane. */
  readonly window:
    | "upsampler"
    | { readonly kernelSize: number; readonly dilation: number; readonly stride: number };
  /** Channels that a spike reaches. */
  readonly channelFanOut: number;
}

/** A constant image, or one that is spikes at every timestep. */
export type InputCoding = "direct" | "poisson" | "sequence";

/** The sender of encoded input. */
export const inputSpikes = "input";

/**
 * The layers of a network, from the input to the scores.
 *
 * @param config - complete
 * @param options - `size`: height and width of the input in pixels; `encoding`: how it is coded
 */
export function layerCosts(
  config: ModelConfig,
  { size, encoding }: { readonly size: readonly [number, number]; readonly encoding: InputCoding },
): LayerCost[] {
  const paths = spikePaths(config, size);
  return synapticLayers(config, size).map((layer) => {
    const { name, kind, source, channelFanOut } = layer;
    const image = source === "image";
    const coded = image && encoding === "poisson" ? [{ layer: inputSpikes, pools: [] }] : [];
    const spikes = config.kind === "snn" && (source === "spikes" || source === "pooled");
    return {
      ...{ name, dense: denseMacs(layer), channelFanOut },
      reads: spikes ? paths.get(name)!.reads : coded,
      once: (image && encoding === "direct") || (kind === "upsample" && integrates(config)),
      window: kind === "upsample" ? "upsampler" : paths.get(name)!.window,
    };
  });
}

function integrates(config: ModelConfig): boolean {
  return config.kind === "snn" && config.integratingDecoder === true;
}

type SpikePath = Pick<LayerCost, "reads"> & { readonly window: Exclude<LayerCost["window"], string> };

const pointwise = { kernelSize: 1, dilation: 1, stride: 1 } as const;

/** By layer with weights: the spikes before it, as if all that is joined stayed spikes. */
function spikePaths(config: ModelConfig, size: readonly [number, number]): Map<string, SpikePath> {
  const { layers, output, stages } = sizePlan(planNetwork(config), size);
  const paths = new Map<string, SpikePath>();
  const kept = new Map<string, readonly SpikesRead[]>();
  let reads: readonly SpikesRead[] = [];
  for (const layer of layers) {
    switch (layer.kind) {
      case "keep":
        kept.set(layer.label, reads);
        break;
      case "join":
        if (layer.by !== "size") reads = [...reads, ...kept.get(layer.label)!];
        break;
      case "pool":
        reads = reads.map(({ layer: sender, pools }) => ({ layer: sender, pools: [...pools, layer.stride] }));
        break;
      case "skip":
        paths.set(layer.name, { reads, window: pointwise });
        break;
      case "conv": {
        const { kernelSize, dilation, stride } = layer;
        paths.set(layer.name, { reads, window: { kernelSize, dilation, stride } });
        reads = [{ layer: layer.name, pools: [] }];
        break;
      }
      case "fire":
        reads = [{ layer: layer.name, pools: [] }];
        break;
    }
  }
  if (output) paths.set(output.name, { reads, window: pointwise });
  for (const [i, { upsampler }] of stages.entries()) {
    const below = stages[i - 1];
    paths.set(upsampler, {
      reads: below ? [{ layer: below.name, pools: [] }] : [],
      window: pointwise,
    });
  }
  return paths;
}
