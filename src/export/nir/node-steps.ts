/** One timestep of every kind of node that runs. */
import { OptionError } from "../../errors.js";
import type { NirLinear, NirNode, NirTensor } from "./nir-graph.js";
import { cells } from "./tensors.js";
import { windowStep } from "./window-step.js";

/** x → y; it may write and return x, and keeps its own state. */
export type NodeStep = (x: Float32Array) => Float32Array;

/** What is known of the node in its graph. */
export interface StepSettings {
  readonly input: readonly number[] | undefined;
  readonly output: readonly number[] | undefined;
  /** In seconds. */
  readonly dt: number;
}

/** @throws OptionError for a node that does not run */
export function nodeStep(name: string, node: NirNode, { input, output, dt }: StepSettings): NodeStep {
  if (input === undefined || output === undefined) {
    throw new OptionError(
      `runNir: expected the shape of ${name} to follow from the nodes before it, received none; connect it to the input`,
    );
  }
  const same: NodeStep = (x) => x;
  switch (node.type) {
    case "Input":
    case "Output":
    case "Flatten":
      return same;
    case "Affine":
    case "Linear":
      return linear(name, node, node.type === "Affine" ? node.bias : undefined);
    case "Scale":
      return (x) => x.map((value, i) => value * node.scale.data[i]!);
    case "Threshold":
      return (x) => x.map((value, i) => Number(value > node.threshold.data[i]!));
    case "Conv2d":
    case "AvgPool2d":
    case "SumPool2d":
      return windowStep(node, { input, output });
    case "I":
    case "LI": {
      const charge = euler(node, dt);
      const v = new Float32Array(cells(input));
      return (x) => charge(v, x).slice();
    }
    case "IF":
    case "LIF": {
      const charge = euler(node, dt);
      const v = new Float32Array(cells(input));
      const [thresholds, resets] = [node.vThreshold.data, node.vReset.data];
      return (x) => {
        charge(v, x);
        return x.map((_, i) => {
          const fires = v[i]! > thresholds[i]!;
          if (fires) v[i] = resets[i]!;
          return Number(fires);
        });
      };
    }
    default:
      throw new OptionError(
        `runNir: expected nodes whose timestep NIR's programs agree on, received ${node.type} ${name}; run it where it was made`,
      );
  }
}

/** Charges v, which is written and returned. */
function euler(
  node: { readonly r: NirTensor; readonly tau?: NirTensor; readonly vLeak?: NirTensor },
  dt: number,
): (v: Float32Array, current: Float32Array) => Float32Array {
  const { r, tau, vLeak } = node;
  return (v, current) => {
    for (let i = 0; i < v.length; i++) {
      const driven = r.data[i]! * current[i]!;
      // (1 − a)·v + a·(v_leak + R·i) with a = dt/τ, so that nothing large cancels
      const a = tau ? dt / tau.data[i]! : dt;
      v[i] = tau ? (1 - a) * v[i]! + a * (vLeak!.data[i]! + driven) : v[i]! + a * driven;
    }
    return v;
  };
}

function linear(name: string, { weight }: Pick<NirLinear, "weight">, bias: NirTensor | undefined): NodeStep {
  const [outputs = 0, inputs = 0, ...others] = weight.shape;
  if (others.length > 0) {
    throw new OptionError(
      `runNir: expected a weight of two axes, received [${weight.shape}] of ${name}; split it into nodes`,
    );
  }
  return (x) =>
    Float32Array.from({ length: outputs }, (_, o) => {
      let total = bias?.data[o] ?? 0;
      for (let i = 0; i < inputs; i++) total += weight.data[o * inputs + i]! * x[i]!;
      return total;
    });
}
