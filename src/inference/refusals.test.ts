/** What fused inference cannot compute is refused by name, with shapes. */
import { afterAll, describe, expect, it } from "vitest";
import {
  clone,
  copyInto,
  full,
  liveTensors,
  noGrad,
  ones,
  rand,
  scope,
  tensorFrom,
  zeros,
} from "../engine/index.js";
import { NativeError, OptionError, ShapeError } from "../errors.js";
import { createModel, modelDefaults, SnnModel, SpikingState } from "../models/index.js";
import { fuseSnn, type PackOptions, packBytes, packConv, spikeConv, spikeConvLif } from "./index.js";

const sizes = { inputChannels: 2, numClasses: 3, timesteps: 4 } as const;
const before = liveTensors();
const model = createModel({ ...modelDefaults, ...sizes, kind: "snn", arch: "dl-vgg9" });
if (!(model instanceof SnnModel)) throw new Error("expected a spiking network");
const snn = model;
const options = { height: 8, width: 8, precision: "exact" } as const;
const fused = fuseSnn(snn, options);
afterAll(() => {
  fused.dispose();
  snn.dispose();
  expect(liveTensors()).toBe(before);
});

describe("a fused network", () => {
  it.each([[[2, 8, 8]], [[1, 1, 2, 8, 8]], [[8]], [[1, 2, 8, 9]], [[1, 3, 8, 8]]])(
    "takes one frame a step, not %j",
    (shape) => {
      scope("test", () => {
        using state = new SpikingState();
        const step = () => fused.step(ones(shape), state);
        expect(step).toThrow(ShapeError);
        expect(step).toThrow(`received [${shape.length === 4 ? [1, ...shape] : shape.join(", ")}]`);
        expect(state.step).toBe(0);
      });
    },
  );

  it.each([
    [{ precision: "fp32" }, 'fuseSnn: expected precision to be one of exact, fast, int8, received "fp32"'],
    [{ precision: undefined }, "precision"],
    [{ height: 0 }, "height"],
    [{ width: Number.NaN }, "width"],
    [{ heigth: 8 }, "did you mean height?"],
  ])("is not compiled with %j", (change, message) => {
    expect(() => fuseSnn(snn, { ...options, ...change } as typeof options)).toThrow(message);
    expect(() => fuseSnn(snn, { ...options, ...change } as typeof options)).toThrow(OptionError);
  });

  it.each(["features.3.weight", "bn_features.2.running_var"])("is not compiled from NaN in %s", (name) => {
    scope("test", () =>
      noGrad(() => {
        const tensor = snn.state().get(name)!;
        const good = clone(tensor);
        copyInto(tensor, full(tensor.shape, Number.NaN));
        for (const precision of ["exact", "fast", "int8"] as const) {
          expect(() => fuseSnn(snn, { ...options, precision })).toThrow(
            `fuseSnn: expected finite values in ${name}, received NaN or infinity`,
          );
        }
        copyInto(tensor, good);
      }),
    );
  });
});

describe("packed convolutions", () => {
  const place: PackOptions = { size: [4, 4], dilation: 1, poolStride: 0, input: "bits", precision: "fast" };

  it.each([
    [{ dilation: -1 }, "packConv: expected dilation to be an integer from 1 to 2147483647, received -1"],
    [{ dilation: 2 ** 31 }, "dilation"],
    [{ dilation: 2 ** 30 }, "within 2^31 pixels"],
    [{ size: [4, 0] }, "size"],
    [{ size: [Number.NaN, 4] }, "size"],
    [{ poolStride: -1 }, "poolStride"],
    [{ input: "byte" }, "did you mean bytes?"],
    [{ precision: "fp32" }, "precision"],
    [{ padding: 1 }, "received padding"],
  ])("refuse %j", (change, message) => {
    scope("test", () => {
      const pack = () => packConv(ones([1, 1, 3, 3]), { ...place, ...change } as PackOptions);
      expect(pack).toThrow(OptionError);
      expect(pack).toThrow(message);
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuse weights of %s", (bad) => {
    scope("test", () => {
      for (const precision of ["exact", "fast", "int8"] as const) {
        const weight = tensorFrom(Float32Array.of(1, 2, bad, ...new Array(6).fill(0)), [1, 1, 3, 3]);
        expect(() => packConv(weight, { ...place, precision })).toThrow(
          "packConv: expected finite weights, received NaN or infinity among them",
        );
      }
    });
  });

  it("refuse kernels that have no middle", () => {
    scope("test", () => {
      expect(() => packConv(ones([1, 1, 2, 2]), place)).toThrow(ShapeError);
      expect(() => packConv(ones([1, 1, 3, 1]), place)).toThrow(NativeError);
      expect(() => packConv(ones([3]), place)).toThrow(ShapeError);
    });
  });

  it("refuse bytes of -128, whose magnitude has no place", () => {
    scope("test", () => {
      const conv = packConv(ones([1, 1, 1, 1]), { ...place, input: "bytes" });
      const bytes = tensorFrom(
        Int8Array.from({ length: 16 }, (_, i) => (i === 5 ? -128 : 1)),
        [1, 4, 4, 1],
      );
      const neurons = { threshold: ones([1]), leak: 1, hardReset: false };
      expect(() => spikeConv(conv, bytes)).toThrow(
        "spikeConv: expected each byte to be an integer from -127 to 127",
      );
      expect(() => spikeConvLif(conv, bytes, 1, neurons)).toThrow("received -128");
      expect(packBytes(full([1, 1, 1, 1], -128))).toBeUndefined();
      expect(packBytes(full([1, 1, 1, 1], -127))?.toNumbers()).toEqual([-127]);
    });
  });

  it("refuse neurons that cannot be", () => {
    scope("test", () => {
      const conv = packConv(ones([1, 1, 1, 1]), place);
      const bits = zeros([1, 4, 4, 1], { dtype: "int64" });
      const good = { threshold: ones([1]), leak: 1, hardReset: false };
      for (const [change, message] of [
        [{ leak: 0 }, "leak"],
        [{ threshold: full([1], -1) }, "threshold"],
        [{ threshold: full([1], Number.NaN) }, "threshold"],
        [{ shfit: rand([1, 1], 1) }, "did you mean shift?"],
      ] as const) {
        expect(() => spikeConvLif(conv, bits, 1, { ...good, ...change })).toThrow(message);
      }
      expect(() => spikeConvLif(conv, bits, 0, good)).toThrow(NativeError);
    });
  });
});
