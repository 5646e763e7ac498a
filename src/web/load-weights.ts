/** The arrays of a network, laid out in the memory of its kernels. */
import type { NamedArrays } from "../arrays/index.js";
import type { Arena } from "./kernels/arena.js";
import type { Address, Kernels } from "./kernels/kernels.js";
import {
  channelLayout,
  denseLayout,
  depthwiseLayout,
  gatherLayout,
  valuesLayout,
  type WeightShape,
} from "./kernels/weight-layout.js";
import type { ConvStep, WebModel } from "./model.js";

/** Of a convolution. */
export interface LoadedConv {
  readonly shape: WeightShape;
  /** For the kernel that every engine has. */
  readonly weight: Address;
  /** For `dense`, where the engine has it and the convolution reads integers. */
  readonly dense: Address | undefined;
}

/** Factor and offset by timestep; the last row stays for timesteps behind it. */
export interface LoadedAffine {
  readonly scale: readonly Address[];
  readonly shift: readonly Address[];
}

/** Where everything lies. */
export interface LoadedWeights {
  readonly convolutions: ReadonlyMap<string, LoadedConv>;
  /** By the convolution's name, or that of neurons behind none. */
  affineOf(convolution: string | undefined, channels: number): LoadedAffine;
  /** What one of each channel stands for. */
  worthOf(name: string, channels: number): Address;
}

/** Puts the weights of a network into the memory, once. */
export function loadWeights({ steps, arrays }: WebModel, kernels: Kernels, arena: Arena): LoadedWeights {
  const convolutions = new Map(
    steps
      .filter((step) => step.kind === "conv")
      .map((step) => [step.name, loadConv(step, arrays, { kernels, arena })]),
  );
  const floats = (name: string) => arrays.get(name)?.data as Float32Array | undefined;
  const put = (name: string, channels: number, fill: number) => {
    const values = floats(name);
    if (values === undefined) return [arena.put(channelLayout(new Float32Array([fill]), channels, 0))];
    const rows = Array.from({ length: values.length / channels }, (_, t) =>
      values.subarray(t * channels, (t + 1) * channels),
    );
    return rows.map((row) => arena.put(channelLayout(row, channels, 0)));
  };
  return {
    convolutions,
    affineOf: (name, channels) => ({
      scale: put(`${name}.scale`, channels, 1),
      shift: put(`${name}.shift`, channels, 0),
    }),
    worthOf: (name, channels) => arena.put(channelLayout(floats(name), channels, 0)),
  };
}

function loadConv(
  { name, depthwise }: ConvStep,
  arrays: NamedArrays,
  { kernels, arena }: { readonly kernels: Kernels; readonly arena: Arena },
): LoadedConv {
  const { shape, data } = arrays.get(`${name}.weight`)!;
  const [outputs = 0, inputs = 0, side = 0] = shape;
  const sizes = { outputs, inputs, taps: side ** 2 };
  const weights = data as Int8Array | Float32Array;
  if (depthwise) {
    return { shape: sizes, weight: arena.put(depthwiseLayout(weights, sizes)), dense: undefined };
  }
  if (weights instanceof Float32Array) {
    return { shape: sizes, weight: arena.put(valuesLayout(weights, sizes)), dense: undefined };
  }
  return {
    shape: sizes,
    weight: arena.put(gatherLayout(weights, sizes)),
    dense: kernels.dense && arena.put(denseLayout(weights, sizes)),
  };
}
