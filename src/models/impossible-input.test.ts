/** Inputs that a network cannot take: the message names the cause and what helps. */
import { describe, expect, it } from "vitest";
import { liveTensors, noGrad, randn, scope } from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { fuseSnn } from "../inference/index.js";
import { createModel } from "./create-model.js";
import { type ModelConfig, modelDefaults } from "./plan/index.js";
import type { SnnModel } from "./snn/index.js";
import { SpikingState } from "./snn/index.js";

const common = { ...modelDefaults, arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 2 } as const;
const config: Record<string, ModelConfig> = {
  snn: { ...common, kind: "snn" },
  ann: { ...common, kind: "ann" },
};

describe.each(["snn", "ann"])("batch norm of an %s", (kind) => {
  it("needs two values per channel in training: a batch of one with maps of 1x1 is refused", () => {
    const before = liveTensors();
    {
      using model = createModel(config[kind]!);
      const message = /batch norm of features\.4: expected at least 2 values .*--batch-size or --img-size/;
      scope("one", () => {
        expect(() => model.forward(randn([1, 3, 4, 4], 1))).toThrow(message);
        expect(() => model.forward(randn([1, 3, 4, 4], 1))).toThrow(ShapeError);
        model.forward(randn([2, 3, 4, 4], 1));
        model.forward(randn([1, 3, 5, 4], 1));
        model.setTraining(false);
        model.forward(randn([1, 3, 4, 4], 1));
      });
      using plain = createModel({ ...config[kind]!, batchNorm: false });
      scope("without", () => {
        plain.forward(randn([1, 3, 4, 4], 1));
      });
    }
    expect(liveTensors()).toBe(before);
  });
});

describe("a stream", () => {
  it.each(["network", "fused network"])("of a %s refuses another batch and too many timesteps", (kind) => {
    using model = createModel(config.snn!) as SnnModel;
    model.setTraining(false);
    using fused = fuseSnn(model, { height: 8, width: 8, precision: "exact" });
    using state = new SpikingState();
    const advance = (batch: number) =>
      scope("step", () =>
        noGrad(() => {
          const frame = randn([1, batch, 3, 8, 8], 1);
          return kind === "network" ? model.advance(frame, state) : fused.advance(frame, state);
        }),
      );
    advance(2);
    expect(() => advance(3)).toThrow(
      /expected frames \[2,3,8,8\] as in the timesteps before, received \[3,3,8,8\]/,
    );
    advance(2);
    expect(() => advance(2)).toThrow(/at most 2 timesteps, .* received 3; begin with a new SpikingState/);
  });
});
