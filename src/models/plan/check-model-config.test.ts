/** Every setting of a network is checked, whoever builds it. */
import { describe, expect, it } from "vitest";
import { liveTensors } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import {
  AnnModel,
  checkModelConfig,
  createBlankModel,
  createModel,
  layerTable,
  type ModelConfig,
  modelDefaults,
  SnnModel,
} from "../index.js";

const common = { ...modelDefaults, inputChannels: 2, numClasses: 3, timesteps: 2 } as const;
const snn = { ...common, kind: "snn", arch: "dl-vgg9" } as const;
const ann = { ...common, kind: "ann", arch: "dl-vgg9" } as const;

const changes = (names: readonly string[], values: readonly unknown[]) =>
  names.flatMap((name) => values.map((value) => [{ [name]: value }, name] as const));

const ofBoth = [
  ...changes(
    ["inputChannels", "numClasses", "kernelSize"],
    [0, -1, 0.5, Number.NaN, "3", 2 ** 31, undefined],
  ),
  ...changes(["kind", "arch", "init"], ["foo", "sn", 1, undefined, "toString"]),
  ...changes(["batchNorm"], [1, "yes", undefined]),
  ...changes(["convBias"], [1, "no", null]),
  [{ kernelSize: 2 }, "kernelSize to be odd, received 2"] as const,
  [
    { timestep: 3 },
    "model config: expected known options, received timestep; did you mean timesteps?",
  ] as const,
];
const ofSnn = [
  ...changes(["timesteps"], [0, 0.5, Number.NaN, undefined]),
  ...changes(["leak"], [0, 1.1, Number.NaN, undefined]),
  ...changes(["threshold"], [0, -1, Number.NaN, Number.POSITIVE_INFINITY]),
  ...changes(["imbalance"], [-1, Number.NaN]),
  ...changes(["initialMembrane"], [-0.1, 1, Number.NaN]),
  ...changes(["fullPropagation", "integratingDecoder"], [1, "no"]),
  [{ surrogate: "atan" }, "surrogate to be one of linear, fast-sigmoid, "] as const,
  [{ reset: "none" }, 'reset to be one of soft, hard, received "none"'] as const,
  [{ kind: "sn" }, 'kind to be one of ann, snn, received "sn"; did you mean snn?'] as const,
  [{ arch: "dl-vgg7" }, "did you mean dl-vgg9?"] as const,
  [{ init: "foo" }, "init to be one of xavier, kaiming"] as const,
  [{ convBias: true, fullPropagation: true }, "fullPropagation to be false beside biases"] as const,
  [
    { thresholdShapes: { "features.9": [1] } },
    "thresholdShapes: expected known options, received features.9",
  ] as const,
  [
    { thresholdShapes: { "features.0": [5] } },
    "thresholdShapes of features.0 to be [1], [64] or [64, H, W]",
  ] as const,
  ...changes(
    ["thresholdShapes"],
    [{ "features.0": [0] }, { "features.0": [64, Number.NaN, 1] }, { "features.0": 64 }],
  ),
];
const ofAnn = [
  ...changes(["leakySlope"], [-0.1, 1, Number.NaN, undefined]),
  ...changes(["activationLevels"], [-1, 0.5, Number.NaN]),
  [{ activationLevels: 4, leakySlope: 0.1 }, "activationLevels to be 0 beside leaky ReLU"] as const,
];

describe("checkModelConfig", () => {
  const refused = [
    ...[...ofBoth, ...ofSnn].map(([change, message]) => [{ ...snn, ...change }, message, change] as const),
    ...[...ofBoth, ...ofAnn].map(([change, message]) => [{ ...ann, ...change }, message, change] as const),
  ];

  it.each(refused)("refuses %#: $kind with %s", (config, message) => {
    const check = () => checkModelConfig(config as unknown as ModelConfig);
    expect(check).toThrow(OptionError);
    expect(check).toThrow(message);
  });

  it("lets good settings pass, and those of the other kind that defaults bring along", () => {
    checkModelConfig(snn);
    checkModelConfig(ann);
    checkModelConfig({
      ...snn,
      thresholdShapes: { "features.0": [64], "features.2": [128, 4, 4], "classifier.0": [1] },
    });
    checkModelConfig({ ...snn, arch: "fcn-vgg9", thresholdShapes: { "upsample.0": [3] } });
  });
});

describe("whoever builds a network", () => {
  const bad = { ...snn, reset: "none" } as unknown as typeof snn;
  const options = { seed: 1, device: "cpu", precision: "fp32" } as const;

  it("gets the same refusal, and nothing is left", () => {
    const before = liveTensors();
    const builders = [
      () => createModel(bad),
      () => createBlankModel(bad),
      () => new SnnModel(bad, options),
      () => new AnnModel({ ...ann, init: "foo" } as unknown as typeof ann, options),
      () => layerTable(bad, [8, 8]),
      () => layerTable(snn, [8, Number.NaN]),
      () => createModel(snn, { seed: 0.9 }),
      () => createModel(snn, { precision: "fast" as never }),
      () => createModel(snn, { device: "cude" }),
      () => createModel(snn, { sead: 1 } as never),
    ];
    for (const build of builders) expect(build).toThrow(OptionError);
    expect(liveTensors()).toBe(before);
  });
});
