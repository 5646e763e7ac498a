import { describe, expect, it } from "vitest";
import { narrow, noGrad, randn, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, modelDefaults, type SnnConfig, type SnnModel, SpikingState } from "../models/index.js";
import { loadState, readState } from "../nn/index.js";
import { atTimesteps } from "./at-timesteps.js";

const config: SnnConfig = {
  ...{ ...modelDefaults, kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 3 },
};

describe("atTimesteps", () => {
  it.each([true, false])("answers as the whole network after so many steps (batch norm %s)", (batchNorm) => {
    using whole = createModel({ ...config, batchNorm }) as SnnModel;
    const frames = randn([3, 1, 3, 8, 8], 1);
    scope("settle", () => noGrad(() => whole.forward(randn([3, 2, 3, 8, 8], 2))));
    const trained = { model: whole.config, tensors: readState(whole) };
    const { model, tensors } = atTimesteps(trained, { timesteps: 2, file: "best" });
    expect(model).toEqual({ ...whole.config, timesteps: 2 });
    using shorter = createModel(model, { seed: 9 });
    expect(loadState(shorter, tensors)).toEqual({ missing: [], unexpected: [] });
    for (const network of [whole, shorter]) network.setTraining(false);
    scope("compare", () =>
      noGrad(() => {
        const first = narrow(frames, 0, 0, 2);
        using state = new SpikingState();
        whole.advance(first, state);
        const expected = whole.readOut(state, [8, 8]).toFloat32Array();
        expect(shorter.forward(first).logits.toFloat32Array()).toEqual(expected);
      }),
    );
    frames.dispose();
  });

  it("takes more timesteps only without batch norm through time, and says what helps", () => {
    const ask = (batchNorm: boolean) =>
      atTimesteps({ model: { ...config, batchNorm }, tensors: new Map() }, { timesteps: 64, file: "best" });
    expect(ask(false).model).toMatchObject({ timesteps: 64 });
    expect(() => ask(true)).toThrow(OptionError);
    expect(() => ask(true)).toThrow(
      /--timesteps: expected at most 3, .*received 64; train with --timesteps 64/,
    );
  });
});
