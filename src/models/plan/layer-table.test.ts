import { describe, expect, it } from "vitest";
import { scope, zeros } from "../../engine/index.js";
import { createModel } from "../create-model.js";
import { architectureNames } from "./architectures.js";
import { layerTable } from "./layer-table.js";
import { type ModelConfig, modelDefaults } from "./model-config.js";

const common = { ...modelDefaults, inputChannels: 2, numClasses: 5, timesteps: 3 };
const configs = architectureNames.flatMap((arch) =>
  (["ann", "snn"] as const).flatMap((kind) =>
    [true, false].map((batchNorm): ModelConfig => ({ ...common, kind, arch, batchNorm })),
  ),
);
const converted: ModelConfig[] = [
  { ...common, kind: "ann", arch: "dl-vgg9", activationLevels: 4 },
  { ...common, kind: "ann", arch: "dl-vgg9", batchNorm: false, convBias: true },
  { ...common, kind: "snn", arch: "fcn-vgg9", batchNorm: false, convBias: true },
];
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe("layerTable", () => {
  it.each([...configs, ...converted])(
    "counts the parameters of $kind $arch, batch norm $batchNorm",
    (config) => {
      using model = createModel(config);
      const real = total([...model.parameters().values()].map((tensor) => tensor.numel));
      expect(total(layerTable(config, [8, 8]).map((row) => row.parameters))).toBe(real);
    },
  );

  it("has the shape of the scores last, also for odd sizes", () => {
    for (const arch of architectureNames) {
      const config: ModelConfig = { ...common, kind: "ann", arch };
      using model = createModel(config);
      scope("test", () => {
        const { logits } = model.forward(zeros([1, 2, 11, 18]));
        expect(layerTable(config, [11, 18]).at(-1)?.shape).toEqual(logits.shape.slice(1));
      });
    }
  });

  it("leaves taps outside the image out of the operations", () => {
    const rows = layerTable({ ...common, kind: "ann", arch: "dl-vgg9", batchNorm: false }, [16, 16]);
    const brute = (size: number, dilation: number) => {
      let pairs = 0;
      for (let x = 0; x < size; x++) {
        for (const tap of [-1, 0, 1]) if (x + tap * dilation >= 0 && x + tap * dilation < size) pairs++;
      }
      return pairs;
    };
    const macsOf = (name: string) => rows.find((row) => row.name === name)?.macs;
    expect(macsOf("features.0")).toBe(2 * 64 * brute(16, 1) ** 2);
    expect(macsOf("features.6")).toBe(256 * 256 * brute(4, 2) ** 2);
    expect(macsOf("classifier.0")).toBe(256 * 1024 * brute(4, 12) ** 2);
  });
});
