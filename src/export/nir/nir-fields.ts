/** The fields of every node in a file: the reader reads, and the writer writes, what stands here. */
import type { NirNode, NirTensor } from "./nir-graph.js";

/**
 * How a field is stored: numbers of any shape, a shape, one integer, two integers (one is both), or two integers or a word; `?` where
 * it may be absent.
 */
export type FieldKind =
  | "tensor"
  | "tensor?"
  | "shape"
  | "shape?"
  | "integer"
  | "integer?"
  | "pair"
  | "pair?"
  | "padding1"
  | "padding2";

/** Types with fields; a graph has nodes and edges instead. */
export type LeafType = Exclude<NirNode["type"], "NIRGraph">;
/** A node that is no graph. */
export type LeafNode = Exclude<NirNode, { readonly type: "NIRGraph" }>;

type FieldsOf<Node> = Readonly<Record<Exclude<keyof Node, "type" | "metadata">, FieldKind>>;

const pool = { kernelSize: "pair", stride: "pair", padding: "pair" } as const;

/** By type and name; a name is in a file as `v_threshold` where it is here `vThreshold`. */
export const nirFields = {
  Input: { shape: "shape" },
  Output: { shape: "shape" },
  Affine: { weight: "tensor", bias: "tensor" },
  Linear: { weight: "tensor" },
  Scale: { scale: "tensor" },
  Conv1d: {
    ...{ inputShape: "integer?", weight: "tensor", stride: "integer", padding: "padding1" },
    ...{ dilation: "integer", groups: "integer", bias: "tensor" },
  },
  Conv2d: {
    ...{ inputShape: "pair?", weight: "tensor", stride: "pair", padding: "padding2" },
    ...{ dilation: "pair", groups: "integer", bias: "tensor" },
  },
  AvgPool2d: pool,
  SumPool2d: pool,
  Flatten: { inputType: "shape?", startDim: "integer", endDim: "integer" },
  Delay: { delay: "tensor" },
  Threshold: { threshold: "tensor" },
  I: { r: "tensor" },
  IF: { r: "tensor", vThreshold: "tensor", vReset: "tensor?" },
  LI: { tau: "tensor", r: "tensor", vLeak: "tensor" },
  LIF: { tau: "tensor", r: "tensor", vLeak: "tensor", vThreshold: "tensor", vReset: "tensor?" },
  CubaLI: { tauSyn: "tensor", tauMem: "tensor", r: "tensor", vLeak: "tensor", wIn: "tensor?" },
  CubaLIF: {
    ...{ tauSyn: "tensor", tauMem: "tensor", r: "tensor", vLeak: "tensor" },
    ...{ vThreshold: "tensor", vReset: "tensor?", wIn: "tensor?" },
  },
} as const satisfies { readonly [Type in LeafType]: FieldsOf<Extract<NirNode, { readonly type: Type }>> };

/** A node's tensors with their names. */
export function tensorFields(node: LeafNode): (readonly [string, NirTensor])[] {
  const kinds = Object.entries(nirFields[node.type]) as [keyof LeafNode, FieldKind][];
  return kinds.flatMap(([field, kind]) =>
    kind.startsWith("tensor") ? [[field, node[field] as unknown as NirTensor] as const] : [],
  );
}

/** `vThreshold` → `v_threshold`. */
export function fileName(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
