/** What an evaluation's scores do not say by themselves, for people to read. */
import type { EvaluationResult } from "./records.js";

/** How many silent layers are named. */
const named = 3;

/** What else is known about the network that was scored. */
export type Scored = {
  /** Names of the classes, in the order of the scores. */
  readonly classes: readonly string[];
  /** Whether the network has batch norm. */
  readonly batchNorm: boolean;
  /** Spikes per neuron and example in training, by layer, where known. */
  readonly trainRates?: Readonly<Record<string, number>>;
};

/** Silent layers, with what helps, and an answer that is the same everywhere; empty where nothing is the matter. */
export function evaluationWarnings(result: EvaluationResult, scored: Scored): string[] {
  // Results that runs recorded before may lack both.
  const { split, silentLayers = [], constantClass = null } = result;
  const warnings: string[] = [];
  const silent = silentWarning(silentLayers, { where: `at evaluation on split ${split}`, ...scored });
  if (silent !== undefined) warnings.push(silent);
  if (constantClass !== null) {
    warnings.push(
      `every pixel of split ${split} was predicted as ${scored.classes[constantClass] ?? constantClass}: the scores are ` +
        "those of a network that does not look at its input",
    );
  }
  return warnings;
}

/** What it means that layers were silent, and what helps; nothing where none was. */
export function silentWarning(
  layers: readonly string[],
  { where, ...scored }: Omit<Scored, "classes"> & { readonly where: string },
): string | undefined {
  const [first] = layers;
  if (first === undefined) return undefined;
  const more = layers.length - named;
  const names = `${layers.slice(0, named).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return (
    `no neuron of ${names} fired ${where}, so the answer does not depend on the picture; ` +
    remedy(first, scored)
  );
}

function remedy(layer: string, { batchNorm, trainRates }: Omit<Scored, "classes">): string {
  const rate = trainRates?.[layer] ?? 0;
  const fired = rate > 0 ? ` (${layer} fired ${rate.toPrecision(2)} times per neuron in training)` : "";
  if (batchNorm && (rate > 0 || trainRates === undefined)) {
    return (
      `batch norm's running statistics may not have settled${fired}: train for more steps, or estimate them again with ` +
      "snnseg checkpoint settle"
    );
  }
  return "lower thresholds (--threshold; of convert --scale), or raise --leak or --timesteps";
}
