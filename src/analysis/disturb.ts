/** Runs a trained network on disturbed data, or disturbs the network itself. */
import { type Config, holdsEvents } from "../config/index.js";
import { type Batch, type Loader, type Noise, normalisePicture } from "../datasets/index.js";
import { mul, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { countImage, type ImageCounts } from "../metrics/index.js";
import { copyModel, type ForwardNetwork, type SegmentationModel, SnnModel } from "../models/index.js";
import { createEvalLoader, type Evaluation, evaluate, evaluationSeeds } from "../training/index.js";
import type { TrainedNetwork } from "./analyze-run.js";
import { attackBatch, type ChannelRange } from "./attack.js";

/** How data or network are disturbed. */
export type DisturbanceKind =
  | "salt-and-pepper"
  | "gaussian"
  | "blur"
  | "event-drop"
  | "event-spurious"
  | "fgsm"
  | "pgd"
  | "threshold"
  | "leak";

/** The unit of each kind's strength. */
export const disturbances: Readonly<Record<DisturbanceKind, string>> = {
  "salt-and-pepper": "share of pixels",
  gaussian: "standard deviation, of 255",
  blur: "standard deviation, pixels",
  "event-drop": "share of events",
  "event-spurious": "share of pixels",
  fgsm: "largest change, of 255",
  pgd: "largest change, of 255",
  threshold: "factor on all thresholds",
  leak: "leak of all neurons",
};

/** Whether repeating with another seed gives something else. */
export function isRandom(kind: DisturbanceKind): boolean {
  return kind !== "blur" && kind !== "fgsm" && kind !== "pgd" && kind !== "threshold" && kind !== "leak";
}

/** A trained network with the options that its data were opened with. */
export interface DisturbedNetwork extends TrainedNetwork {
  readonly config: Config;
}

/** What a network says under a disturbance. */
export interface DisturbedResult {
  /** Every image's counts, in the split's order. */
  readonly counts: readonly ImageCounts[];
  readonly evaluation: Evaluation;
}

/**
 * Scores the split under one disturbance.
 *
 * @param seed - of the noise; the network's own Poisson spikes stay those of its run
 * @throws OptionError if the disturbance means nothing to this network or data
 */
export async function disturbedResult(
  network: DisturbedNetwork,
  {
    kind,
    strength,
    seed,
    signal,
    forward,
  }: {
    readonly kind: DisturbanceKind;
    readonly strength: number;
    readonly seed: number;
    readonly signal?: AbortSignal | undefined;
    /** Scores images in place of the network, unless the network itself is disturbed. */
    readonly forward?: ForwardNetwork | undefined;
  },
): Promise<DisturbedResult> {
  const own = { signal, forward };
  switch (kind) {
    case "fgsm":
    case "pgd":
      return scoreSplit(network, { ...network, loader: attacked(network, { kind, epsilon: strength }) }, own);
    case "threshold":
    case "leak": {
      using model = variedModel(network.model, { kind, value: strength });
      return await scoreSplit(network, { ...network, model }, { signal });
    }
    default: {
      const { config, loader } = network;
      if (kind.startsWith("event-") && !holdsEvents(config)) {
        throw new OptionError(
          `robustness: expected event frames for ${kind}, received the pictures of ${config.dataset}; take ` +
            "salt-and-pepper, gaussian or blur",
        );
      }
      const noise: Noise = { kind, strength };
      await using noisy = await createEvalLoader({ ...config, seed }, { split: loader.dataset.split, noise });
      return await scoreSplit(network, { ...network, loader: noisy }, own);
    }
  }
}

async function scoreSplit(
  { loader: { dataset } }: DisturbedNetwork,
  { model, loader, input, seed, trainPixels, limitBatches }: TrainedNetwork,
  {
    signal,
    forward = model,
  }: { readonly signal?: AbortSignal | undefined; readonly forward?: ForwardNetwork | undefined },
): Promise<DisturbedResult> {
  const counts: ImageCounts[] = [];
  const evaluation = await evaluate(forward, loader, {
    ...{ input, seed, trainPixels, limitBatches, signal },
    onPrediction: (batch, predictions) => {
      const pixels = batch.labels.length / batch.ids.length;
      for (let n = 0; n < batch.ids.length; n++) {
        const image = [n * pixels, (n + 1) * pixels] as const;
        const truth = batch.labels.subarray(...image);
        counts.push(countImage(truth, predictions.subarray(...image), dataset.classes.length));
      }
    },
  });
  return { counts, evaluation };
}

/** A loader whose batches are attacked on their way. */
function attacked(
  { model, loader, input, seed, config }: DisturbedNetwork,
  { kind, epsilon }: { readonly kind: "fgsm" | "pgd"; readonly epsilon: number },
): Loader {
  const ranges = channelRanges(config, kind);
  return {
    ...loader,
    async *batches(epoch, options): AsyncGenerator<Batch, void, undefined> {
      let first = 0;
      for await (const batch of loader.batches(epoch, options)) {
        yield attackBatch(model, batch, {
          kind,
          epsilon,
          ranges,
          input,
          seedOf: evaluationSeeds(seed, first),
        });
        first += batch.ids.length;
      }
    },
  };
}

/** What black and white become for the network, channel by channel. */
function channelRanges(config: Config, kind: string): ChannelRange[] {
  const { dataset, preprocessing } = config;
  if (holdsEvents(config)) {
    throw new OptionError(
      `robustness: expected pictures for ${kind}, received the events of ${dataset}; take event-drop or event-spurious`,
    );
  }
  const plain = (value: number) =>
    normalisePicture(
      { channels: 3, height: 1, width: 1, data: new Float32Array(3).fill(value) },
      preprocessing,
    );
  const [black, white] = [plain(0), plain(255)];
  return Array.from(black, (low, c) => ({ low, high: white[c]! }));
}

/** The same network with other thresholds or another leak; the caller disposes it. */
function variedModel(
  model: SegmentationModel,
  { kind, value }: { readonly kind: "threshold" | "leak"; readonly value: number },
): SegmentationModel {
  if (!(model instanceof SnnModel)) {
    throw new OptionError(
      `robustness: expected a spiking network for ${kind}, received an ANN; leave it out`,
    );
  }
  const varied = copyModel(model, kind === "leak" ? { leak: value } : {}) as SnnModel;
  if (kind === "threshold") {
    for (const layer of varied.spikingLayers().values())
      layer.setThreshold(scope("threshold", () => mul(layer.threshold, value)));
  }
  varied.setTraining(false);
  return varied;
}
