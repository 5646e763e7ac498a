/** A state serves one network and one shape of frames, until it is disposed. */
import { afterAll, describe, expect, it } from "vitest";
import { abs, amax, liveTensors, noGrad, rand, scope, sub, zeros } from "../../engine/index.js";
import { DisposedTensorError, OptionError, ShapeError } from "../../errors.js";
import { fuseSnn } from "../../inference/index.js";
import { createModel, modelDefaults, runFrames, SnnModel, SpikingState, storedFrames } from "../index.js";

const sizes = { inputChannels: 2, numClasses: 3, timesteps: 4, batchNorm: false } as const;
const network = (arch: "dl-vgg9" | "fcn-vgg9") => {
  const model = createModel({ ...modelDefaults, ...sizes, kind: "snn", arch });
  if (!(model instanceof SnnModel)) throw new Error("expected a spiking network");
  model.setTraining(false);
  return model;
};
const before = liveTensors();
const model = network("dl-vgg9");
const other = network("dl-vgg9");
const fcn = network("fcn-vgg9");
const fused = fuseSnn(model, { height: 8, width: 8, precision: "exact" });
afterAll(() => {
  for (const each of [model, other, fcn, fused]) each.dispose();
  expect(liveTensors()).toBe(before);
});
/** Each test without gradients, and whatever it makes freed. */
const test = (body: () => void) => () => scope("test", () => noGrad(body));

describe("a spiking state", () => {
  it(
    "refuses everything once it is disposed",
    test(() => {
      const state = new SpikingState();
      model.advance(rand([1, 1, 2, 8, 8], 1), state);
      state.dispose();
      state.dispose();
      const uses = [
        () => model.advance(rand([1, 1, 2, 8, 8], 1), state),
        () => model.readOut(state, [8, 8]),
        () => fused.step(rand([1, 2, 8, 8], 1), state),
        () => fused.readOut(state),
        () => runFrames(model, storedFrames(rand([4, 1, 2, 8, 8], 1)), { state, timesteps: 4 }),
        () => state.membrane("features.0"),
        () => state.setMembrane("features.0", zeros([1])),
        () => state.integrate("output", zeros([1])),
        () => state.integral("output"),
      ];
      for (const use of uses) {
        expect(use).toThrow(DisposedTensorError);
        expect(use).toThrow(
          "expected a live state, received one that was disposed; begin with a new SpikingState",
        );
      }
    }),
  );

  it(
    "has no answer before the first timestep",
    test(() => {
      for (const read of [
        (state: SpikingState) => model.readOut(state, [8, 8]),
        (state: SpikingState) => fcn.readOut(state, [8, 8]),
        (state: SpikingState) => fused.readOut(state),
      ]) {
        using state = new SpikingState();
        expect(() => read(state)).toThrow(
          "readOut: expected a state that has seen a timestep, received a new one",
        );
        expect(() => read(state)).toThrow(OptionError);
      }
    }),
  );

  it(
    "stays with the frames' batch and size",
    test(() => {
      using plain = new SpikingState();
      using bits = new SpikingState();
      model.advance(rand([1, 2, 2, 8, 8], 1), plain);
      fused.step(rand([2, 2, 8, 8], 1), bits);
      for (const shape of [
        [1, 1, 2, 8, 8],
        [1, 2, 2, 8, 16],
      ]) {
        expect(() => model.advance(rand(shape, 1), plain)).toThrow(
          `forward: expected frames [2,2,8,8] as in the timesteps before, received [${shape.slice(1)}]`,
        );
        expect(() => model.advance(rand(shape, 1), plain)).toThrow(ShapeError);
      }
      expect(() => fused.step(rand([1, 2, 8, 8], 1), bits)).toThrow(ShapeError);
      expect([plain.step, bits.step]).toEqual([1, 1]);
      model.advance(rand([1, 2, 2, 8, 8], 2), plain);
      expect(model.readOut(plain, [8, 8]).shape).toEqual([2, 3, 8, 8]);
    }),
  );

  it(
    "stays with one network, fused or not",
    test(() => {
      using plain = new SpikingState();
      using bits = new SpikingState();
      model.advance(rand([1, 1, 2, 8, 8], 1), plain);
      fused.step(rand([1, 2, 8, 8], 1), bits);
      for (const use of [
        () => other.advance(rand([1, 1, 2, 8, 8], 1), plain),
        () => other.readOut(plain, [8, 8]),
        () => fcn.readOut(bits, [8, 8]),
        () => fused.step(rand([1, 2, 8, 8], 1), plain),
        () => fused.readOut(plain),
        () => model.advance(rand([1, 1, 2, 8, 8], 1), bits),
        () => model.readOut(bits, [8, 8]),
      ]) {
        expect(use).toThrow(OptionError);
        expect(use).toThrow(/received another network's/);
      }
      expect(fused.readOut(bits).toFloat32Array()).toEqual(model.readOut(plain, [8, 8]).toFloat32Array());
    }),
  );

  it(
    "holds membranes as [N, C, H, W], whoever computes them",
    test(() => {
      const frames = rand([2, 2, 2, 8, 8], 1);
      using plain = new SpikingState();
      using bits = new SpikingState();
      model.advance(frames, plain);
      fused.advance(frames, bits);
      for (const name of model.spikingLayers().keys()) {
        const [expected, received] = [plain.membrane(name)!, bits.membrane(name)!];
        expect(received.shape, name).toEqual(expected.shape);
        const difference = amax(abs(sub(received, expected))).item();
        expect(difference, name).toBeLessThan(1e-5);
      }
    }),
  );

  it(
    "answers in sizes that there are",
    test(() => {
      using state = new SpikingState();
      fcn.advance(rand([1, 1, 2, 8, 8], 1), state);
      expect(() => fcn.readOut(state, [8, 9])).toThrow(
        "readOut: expected the size of the frames, [8,8], received [8,9]",
      );
      for (const bad of [0, 0.5, Number.NaN, -8])
        expect(() => fcn.readOut(state, [8, bad])).toThrow(OptionError);
    }),
  );
});

describe("runFrames", () => {
  it(
    "refuses numbers that are none",
    test(() => {
      using state = new SpikingState();
      const frames = storedFrames(rand([4, 1, 2, 8, 8], 1));
      for (const bad of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY]) {
        expect(() => runFrames(model, frames, { state, timesteps: bad })).toThrow("timesteps");
        expect(() => runFrames(model, frames, { state, timesteps: 1, extraSteps: bad })).toThrow(
          "extraSteps",
        );
      }
      for (const bad of [Number.NaN, -1, 0]) {
        expect(() => runFrames(model, frames, { state, timesteps: 1, activationBytes: bad })).toThrow(
          "activationBytes",
        );
      }
      expect(state.step).toBe(0);
    }),
  );
});
