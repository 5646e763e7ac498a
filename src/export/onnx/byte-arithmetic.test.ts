import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { exampleMeta, exportedNetworks, settle } from "../../../tests/exported-networks.js";
import { foldedScores } from "../../../tests/folded-twin.js";
import { runOnnx, runSteps } from "../../../tests/onnx-runtime.js";
import { noGrad, rand, scope, tensorFrom } from "../../engine/index.js";
import { createModel, type ModelSettings } from "../../models/index.js";
import { foldNetwork } from "../fold-network.js";
import type { FoldedNetwork, SpikingActivation } from "../folded-network.js";
import { readOnnx } from "./read-onnx.js";
import { ModelProtoSchema } from "./schema/onnx_pb.js";
import { writeOnnx } from "./write-onnx.js";

const folded = { form: "folded", precision: "int8" } as const;
const step = { ...folded, form: "step" } as const;
const shape = [2, 3, 11, 15];
/** Of its meta's pictures. */
const gridStep = 2 ** -8;
/** On the grid, so that the layer on it rounds weights alone. */
const image = scope("image", () => rand(shape, 9).toFloat32Array()).map(
  (x) => Math.round(x / gridStep) * gridStep,
);

/** What a spike is worth, in a network where all are worth the same. */
function worthOf({ activations }: FoldedNetwork): number {
  const { amplitude, threshold } = [...activations.values()][0] as SpikingActivation;
  return amplitude === "threshold" ? threshold[0]! : amplitude;
}

/** Numbers of a constant in a file. */
function constantsOf(bytes: Uint8Array): (name: string) => Int8Array | Int32Array | Float32Array | undefined {
  const { initializer } = fromBinary(ModelProtoSchema, bytes).graph!;
  const kinds = { 1: Float32Array, 3: Int8Array, 6: Int32Array } as const;
  return (name) => {
    const found = initializer.find((each) => each.name === name);
    if (found === undefined) return undefined;
    return new kinds[found.dataType as 1 | 3 | 6](found.rawData.slice().buffer);
  };
}

/** The network with the rounded weights and offsets of its file, of neurons without a membrane. */
function rounded(network: FoldedNetwork, bytes: Uint8Array): FoldedNetwork {
  const constant = constantsOf(bytes);
  const { layers } = network.plan;
  const worth = worthOf(network);
  const entries = [...network.convolutions].map(([name, conv]) => {
    const codes = constant(`${name}.weight`)!;
    if (codes instanceof Float32Array) return [name, conv] as const;
    if (codes instanceof Int32Array) {
      const scale = (constant(`${name}.scale`) as Float32Array).map((worth) => worth / gridStep);
      return [name, { ...conv, weight: Float32Array.from(codes), scale }] as const;
    }
    const channels = conv.shape[0]!;
    const place = layers.findIndex((layer) => layer.name === name);
    const of = layers[place < 0 ? layers.length - 1 : place - 1]?.kind === "pool" ? worth / 9 : worth;
    const activation = network.activations.get(name) as SpikingActivation | undefined;
    const threshold = (o: number) => activation!.threshold[activation!.threshold.length === 1 ? 0 : o]!;
    const steps =
      constant(`${name}.factor`)?.map((factor, o) => factor * threshold(o)) ??
      constant(`${name}.scale`) ??
      constant(`${name}.step`)!;
    const biases = constant(`${name}.bias`);
    const shift =
      activation && biases ? Float32Array.from(biases, (bias, o) => bias * steps[o]!) : conv.shift;
    const weight = Float32Array.from(
      codes,
      (code, i) => (code * steps[Math.floor(i / (codes.length / channels))]!) / of,
    );
    const { shape } = conv;
    return [name, { weight, shape, ...(shift && { shift }) }] as const;
  });
  return { ...network, convolutions: new Map(entries) };
}

const scoresOf = (network: FoldedNetwork) =>
  scope("twin", () => noGrad(() => foldedScores(network, tensorFrom(image, shape)).toFloat32Array()));

/** Share of scores that differ by more than a share of the largest. */
function apart(received: Float32Array, expected: Float32Array, tolerance: number): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    received.filter((value, i) => Math.abs(value - expected[i]!) > tolerance * largest).length /
    expected.length
  );
}

async function exported(settings: ModelSettings) {
  using model = createModel(settings, { seed: 5 });
  settle(model);
  const network = foldNetwork(model);
  const bytes = writeOnnx(network, exampleMeta(model), folded);
  const { logits } = await runOnnx(bytes, { image: [image, shape] });
  return { network, bytes, logits: logits!.data, meta: exampleMeta(model) };
}

describe("int8", () => {
  it.each(["integers", "integers of a share", "depthwise blocks", "quantised ReLUs"])(
    "computes its rounded numbers exactly where neurons have no membrane, optimised or not: %s",
    async (name) => {
      const { network, logits, bytes } = await exported(exportedNetworks[name]!);
      expect(apart(logits, scoresOf(rounded(network, bytes)), 1e-4)).toBe(0);
      expect(Math.max(...logits) - Math.min(...logits)).toBeGreaterThan(1e-3);
      const plain = await runOnnx(bytes, { image: [image, shape] }, { graphOptimizationLevel: "disabled" });
      expect(plain.logits!.data).toEqual(logits);
    },
  );

  it("rounds weights to the nearest of 255 steps", async () => {
    const { network, bytes } = await exported(exportedNetworks.integers!);
    const { weight, shape, scale } = network.convolutions.get("features.1")!;
    const constant = constantsOf(bytes);
    const [codes, factors] = [constant("features.1.weight")!, constant("features.1.factor")!];
    const size = weight.length / shape[0]!;
    // A code behind the pooling is worth a ninth of a spike, which is worth the threshold that factors divide by.
    const errors = weight.map((w, i) => {
      const o = Math.floor(i / size);
      const step = (9 * factors[o]!) / scale![o]!;
      return Math.abs(w - codes[i]! * step) / step;
    });
    expect(Math.max(...errors)).toBeLessThan(0.501);
    expect(Math.max(...codes.map(Math.abs))).toBe(127);
  });

  it.each([
    "batch norm through time",
    "hard reset",
    "a norm that timesteps share",
    "learnt leaks",
    "charged membranes",
    "a threshold per neuron",
    "integers that weigh 1",
    "skips that fire",
    "skips that integrate",
  ])("holds currents in 8 bits, in one call or step by step: %s", async (name) => {
    const { network, bytes, logits, meta } = await exported(exportedNetworks[name]!);
    expect(apart(logits, scoresOf(network), 0.1)).toBeLessThan(0.2);
    expect(readOnnx(bytes).operators.get("QLinearConv")).toBeGreaterThan(1);
    const frame = { frame: [image, shape], steps: network.timesteps } as const;
    expect((await runSteps(writeOnnx(network, meta, step), frame)).data).toEqual(logits);
  });

  it.each([
    ["an ANN", /received ReLUs, whose range no option says; .* train with --activation-levels/],
    ["no batch norm, biases", /expected batch norm before neurons .* received none in features\.1/],
  ])("refuses %s", async (name, message) => {
    await expect(exported(exportedNetworks[name]!)).rejects.toThrow(message);
  });
});
