/**
 * A graph of NIR 1.x as plain data: nodes, and edges along which values pass unchanged; edges that meet in a node add up.
 *
 * @see Pedersen et al. 2024, "Neuromorphic intermediate representation", doi:10.1038/s41467-024-52259-9
 */

/** Numbers with their shape, row-major; integers of a file are here floats. */
export interface NirTensor {
  /** Sizes of the axes; `[]` of one number. */
  readonly shape: readonly number[];
  /** In the precision of the file. */
  readonly data: Float32Array | Float64Array;
}

/** What a file says beside its nodes. */
export interface NirMetadata {
  /** By name; any program may have its own. */
  readonly [name: string]: string | number | NirTensor | readonly string[] | NirMetadata;
}

/** What every node may have. */
interface NodeBase<Type extends string> {
  /** The node's kind, as NIR names it. */
  readonly type: Type;
  /** Absent where there is none. */
  readonly metadata?: NirMetadata;
}

/** Where values enter the graph, `[C, H, W]` or of any other shape, without time and batch. */
export interface NirInput extends NodeBase<"Input"> {
  /** Of the values. */
  readonly shape: readonly number[];
}

/** Where values leave the graph. */
export interface NirOutput extends NodeBase<"Output"> {
  /** Of the values. */
  readonly shape: readonly number[];
}

/** `y = W·x + b`. */
export interface NirAffine extends NodeBase<"Affine"> {
  /** W `[M, N]`. */
  readonly weight: NirTensor;
  /** b `[M]`. */
  readonly bias: NirTensor;
}

/** `y = W·x`. */
export interface NirLinear extends NodeBase<"Linear"> {
  /** W `[M, N]`. */
  readonly weight: NirTensor;
}

/** `y = s ⊙ x`. */
export interface NirScale extends NodeBase<"Scale"> {
  /** s, of the shape of x. */
  readonly scale: NirTensor;
}

/** `y = W * x + b` over one axis. */
export interface NirConv1d extends NodeBase<"Conv1d"> {
  /** Length of x; absent where the node before says it. */
  readonly inputShape?: number;
  /** W `[O, I / groups, k]`. */
  readonly weight: NirTensor;
  /** Distance of outputs, in pixels. */
  readonly stride: number;
  /** Zeros on each side: pixels, as many as keep the size, or none. */
  readonly padding: number | "same" | "valid";
  /** Distance of taps, in pixels. */
  readonly dilation: number;
  /** Groups of channels that read only their own. */
  readonly groups: number;
  /** b `[O]`. */
  readonly bias: NirTensor;
}

/** `y = W * x + b` over height and width; pairs are `[vertical, horizontal]`. */
export interface NirConv2d extends NodeBase<"Conv2d"> {
  /** Height and width of x; absent where the node before says them. */
  readonly inputShape?: readonly [number, number];
  /** W `[O, I / groups, k, k]`. */
  readonly weight: NirTensor;
  /** Distance of outputs, in pixels. */
  readonly stride: readonly [number, number];
  /** Zeros on each side: pixels, as many as keep the size, or none. */
  readonly padding: readonly [number, number] | "same" | "valid";
  /** Distance of taps, in pixels. */
  readonly dilation: readonly [number, number];
  /** Groups of channels that read only their own. */
  readonly groups: number;
  /** b `[O]`. */
  readonly bias: NirTensor;
}

/** A window that moves over height and width. */
interface Pool2d<Type extends string> extends NodeBase<Type> {
  /** Height and width of the window. */
  readonly kernelSize: readonly [number, number];
  /** Distance of windows, in pixels. */
  readonly stride: readonly [number, number];
  /** Zeros on each side. */
  readonly padding: readonly [number, number];
}

/** Mean of a window; zeros of the padding count. */
export interface NirAvgPool2d extends Pool2d<"AvgPool2d"> {}

/** Sum of a window. */
export interface NirSumPool2d extends Pool2d<"SumPool2d"> {}

/** Axes as one. */
export interface NirFlatten extends NodeBase<"Flatten"> {
  /** Shape of x; absent where the node before says it. */
  readonly inputType?: readonly number[];
  /** First axis that is flattened. */
  readonly startDim: number;
  /** Last of them; −1 is the last of all. */
  readonly endDim: number;
}

/** `y(t) = x(t − τ)`. */
export interface NirDelay extends NodeBase<"Delay"> {
  /** τ in seconds, of the shape of x. */
  readonly delay: NirTensor;
}

/** `y = [x > ϑ]`. */
export interface NirThreshold extends NodeBase<"Threshold"> {
  /** ϑ, of the shape of x. */
  readonly threshold: NirTensor;
}

/** Integrator, `dv/dt = R·i`; gives v. */
export interface NirI extends NodeBase<"I"> {
  /** R, of the shape of i. */
  readonly r: NirTensor;
}

/** Integrate and fire: `dv/dt = R·i`; gives [v > ϑ], and v ← v_reset where it fires. Parameters have the shape of i. */
export interface NirIf extends NodeBase<"IF"> {
  /** R. */
  readonly r: NirTensor;
  /** ϑ. */
  readonly vThreshold: NirTensor;
  /** v after a spike. */
  readonly vReset: NirTensor;
}

/** Leaky integrator, `τ·dv/dt = (v_leak − v) + R·i`; gives v. Parameters have the shape of i. */
export interface NirLi extends NodeBase<"LI"> {
  /** τ in seconds. */
  readonly tau: NirTensor;
  /** R. */
  readonly r: NirTensor;
  /** Where v rests. */
  readonly vLeak: NirTensor;
}

/** Leaky integrate and fire: as `LI`, and gives [v > ϑ], and v ← v_reset where it fires. */
export interface NirLif extends NodeBase<"LIF"> {
  /** τ in seconds. */
  readonly tau: NirTensor;
  /** R. */
  readonly r: NirTensor;
  /** Where v rests. */
  readonly vLeak: NirTensor;
  /** ϑ. */
  readonly vThreshold: NirTensor;
  /** v after a spike. */
  readonly vReset: NirTensor;
}

/** As `LI` behind a synapse, `τ_syn·di/dt = w_in·s − i`. */
export interface NirCubaLi extends NodeBase<"CubaLI"> {
  /** τ of the synapse, in seconds. */
  readonly tauSyn: NirTensor;
  /** τ of the membrane, in seconds. */
  readonly tauMem: NirTensor;
  /** R. */
  readonly r: NirTensor;
  /** Where v rests. */
  readonly vLeak: NirTensor;
  /** What a spike adds; one number holds for all. */
  readonly wIn: NirTensor;
}

/** As `LIF` behind a synapse, `τ_syn·di/dt = w_in·s − i`. */
export interface NirCubaLif extends NodeBase<"CubaLIF"> {
  /** τ of the synapse, in seconds. */
  readonly tauSyn: NirTensor;
  /** τ of the membrane, in seconds. */
  readonly tauMem: NirTensor;
  /** R. */
  readonly r: NirTensor;
  /** Where v rests. */
  readonly vLeak: NirTensor;
  /** ϑ. */
  readonly vThreshold: NirTensor;
  /** v after a spike. */
  readonly vReset: NirTensor;
  /** What a spike adds; one number holds for all. */
  readonly wIn: NirTensor;
}

/** Nodes by name and the edges between them; a node itself where it stands in another graph. */
export interface NirGraph extends NodeBase<"NIRGraph"> {
  /** By name. */
  readonly nodes: ReadonlyMap<string, NirNode>;
  /** From one node to another, by name; a graph may go in circles. */
  readonly edges: readonly (readonly [string, string])[];
}

/** What NIR 1.x has. */
export type NirNode =
  | NirInput
  | NirOutput
  | NirAffine
  | NirLinear
  | NirScale
  | NirConv1d
  | NirConv2d
  | NirAvgPool2d
  | NirSumPool2d
  | NirFlatten
  | NirDelay
  | NirThreshold
  | NirI
  | NirIf
  | NirLi
  | NirLif
  | NirCubaLi
  | NirCubaLif
  | NirGraph;
