/** Tells from a state dict which network it belongs to. */
import { DataFormatError, OptionError } from "../../errors.js";
import {
  type ArchitectureName,
  architectureNames,
  modelDefaults,
  type NetworkPlan,
  planNetwork,
} from "../../models/index.js";
import { convolutionNames, type NamedArrays } from "../../serialization/index.js";

/** What the shapes say. */
export interface Recognized {
  readonly arch: ArchitectureName;
  readonly inputChannels: number;
  readonly numClasses: number;
  readonly kernelSize: number;
  readonly batchNorm: boolean;
  /** `undefined` if nothing tells an ANN from an SNN: without batch norm they have the same weights. */
  readonly kind: "ann" | "snn" | undefined;
  /** Of batch norm through time. */
  readonly timesteps: number | undefined;
}

/**
 * The network of a state dict in our layout.
 *
 * @throws DataFormatError if it is none of the architectures
 */
export function recognizeNetwork(tensors: NamedArrays, path: string): Recognized {
  const names = convolutionNames(tensors.keys());
  const channels = names.map((name) => tensors.get(`${name}.weight`)?.shape[0]);
  const first = tensors.get("features.0.weight")?.shape;
  const arch = architectureNames.find(
    (name) => hiddenChannels(name).every((count, i) => channels[i] === count) && fits(name),
  );
  if (arch === undefined || first?.length !== 4) {
    throw new DataFormatError(
      `import ${path}: expected the weights of ${architectureNames.join(", ")}, received ${names.length} convolutions of ` +
        `${channels.slice(0, 12).join(", ")} channels; only these architectures can be imported`,
    );
  }
  const scores = isFcn(arch) ? tensors.get("upsample.0.0.weight") : tensors.get(`${names.at(-1)}.weight`);
  const norm = tensors.get("bn_features.0.running_mean")?.shape;
  const spiking = norm?.length === 2 || [...tensors.keys()].some((key) => key.startsWith("lif_"));
  return {
    arch,
    inputChannels: first[1]!,
    numClasses: scores?.shape[0] ?? 0,
    kernelSize: first[2]!,
    batchNorm: norm !== undefined,
    kind: spiking ? "snn" : norm === undefined ? undefined : "ann",
    timesteps: norm?.length === 2 ? norm[0] : undefined,
  };

  function fits(name: ArchitectureName): boolean {
    const isDecoder = tensors.has("upsample.0.0.weight");
    return isDecoder === isFcn(name) && names.length === hiddenChannels(name).length + (isDecoder ? 0 : 1);
  }
}

/** @throws OptionError unless the kind is said or can be told */
export function kindOf(said: unknown, { kind }: Recognized, path: string): "ann" | "snn" {
  if (said === "ann" || said === "snn") return said;
  if (kind !== undefined) return kind;
  throw new OptionError(
    `import ${path}: expected --model ann or --model snn, which these weights do not tell, received neither; add one of them`,
  );
}

function isFcn(name: ArchitectureName): boolean {
  return planOf(name).decoder !== undefined;
}

function hiddenChannels(name: ArchitectureName): number[] {
  return planOf(name).layers.flatMap((layer) => (layer.kind === "conv" ? [layer.outputs] : []));
}

function planOf(arch: ArchitectureName): NetworkPlan {
  const sizes = { ...modelDefaults, inputChannels: 1, numClasses: 2 };
  return planNetwork({ kind: "ann", arch, ...sizes });
}
