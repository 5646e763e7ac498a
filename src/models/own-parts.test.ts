/** Networks of one's own architecture, neuron and surrogate: as ANN, SNN and plain twin, in training, streams and conversion. */
import { describe, expect, it } from "vitest";
import { denseOperations, OperationCounter } from "../activity/index.js";
import { convertAnn } from "../conversion/index.js";
import {
  abs,
  add,
  liveTensors,
  mul,
  narrow,
  noGrad,
  rand,
  scope,
  sub,
  sum,
  type Tensor,
} from "../engine/index.js";
import { ConversionError, OptionError } from "../errors.js";
import { fuseSnn, fusionObstacle } from "../inference/index.js";
import type { Neuron, SurrogateFunction } from "../neurons/index.js";
import { Adam, readState } from "../nn/index.js";
import {
  type AnnConfig,
  bitsObstacle,
  checkModelConfig,
  copyModel,
  createModel,
  infer,
  type JoinWay,
  layerTable,
  modelDefaults,
  type NamedArchitecture,
  plainTwin,
  type SnnConfig,
  SpikingState,
  timedInput,
} from "./index.js";

const conv = (channels: number, more: object = {}) => ({ kind: "conv", channels, ...more }) as const;
const pool = { kind: "pool", stride: 2 } as const;
const skip = { kind: "skip" } as const;
const keep = (name: string) => ({ kind: "keep", name }) as const;
const join = (name: string, by: JoinWay = "channels") => ({ kind: "join", name, by }) as const;
const fire = { kind: "fire" } as const;
const currents = (channels: number, more: object = {}) =>
  ({ ...conv(channels), fires: false, ...more }) as const;
const depthwise = (channels: number, more: object = {}) =>
  ({ ...conv(channels), depthwise: true, ...more }) as const;
const uNet: NamedArchitecture = {
  name: "u-net",
  decoder: "output",
  features: [
    ...[conv(4), keep("fine"), pool, conv(6), keep("middle"), pool],
    ...[conv(8), join("middle"), conv(6), join("fine"), conv(4)],
  ],
  classifier: [],
};
/** As uNet, with maps added up. */
const linkNet: NamedArchitecture = {
  ...uNet,
  name: "link-net",
  features: [
    ...[conv(4), keep("fine"), pool, conv(6), keep("middle"), pool, conv(6)],
    ...[join("middle", "sum"), conv(4), join("fine", "sum"), conv(4)],
  ],
};
/** A block with a membrane shortcut at 1/2, then a coarser map whose resized currents fire beside the block's spikes. */
const residual: NamedArchitecture = {
  name: "residual-small",
  decoder: "output",
  features: [
    ...[conv(4, { stride: 2 }), currents(6), keep("block"), fire, depthwise(6, { dilation: 2 })],
    ...[currents(6, { kernelSize: 1 }), join("block", "sum"), fire, keep("fine")],
    ...[depthwise(6, { stride: 2 }), currents(5), join("fine", "size"), fire, join("fine"), conv(4)],
  ],
  classifier: [],
};
/** Three skips, the shallowest behind a pooling. */
const fcn: NamedArchitecture = {
  name: "fcn-small",
  decoder: "skips",
  features: [conv(4), pool, conv(4), skip, pool, conv(6), skip, pool],
  classifier: [conv(8), skip],
};
const sizes = { inputChannels: 2, numClasses: 3, timesteps: 3, threshold: 0.2 } as const;
const snnOf = (arch: SnnConfig["arch"]): SnnConfig => ({ ...modelDefaults, ...sizes, kind: "snn", arch });
const annOf = (arch: AnnConfig["arch"]): AnnConfig => ({ ...modelDefaults, ...sizes, kind: "ann", arch });
const size = [13, 18] as const;
const frames = () => rand([3, 2, 2, ...size], 5);
/** fp32 sums in another order. */
const TWIN_TOLERANCE = 1e-4;

function farthest(a: Tensor, b: Tensor): number {
  const [x, y] = [a.toFloat32Array(), b.toFloat32Array()];
  expect(x.length).toBe(y.length);
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
}

describe.each([uNet, linkNet, residual, fcn])("an architecture of one's own: $name", (arch) => {
  it("gives scores of the image's size, as its plain twin does, as ANN and SNN", () => {
    for (const model of [createModel(annOf(arch)), createModel(snnOf(arch))]) {
      using twin = plainTwin(model);
      scope("test", () => {
        const input = model.config.kind === "snn" ? frames() : rand([2, 2, ...size], 5);
        const { logits } = model.forward(input);
        expect(logits.shape).toEqual([2, 3, ...size]);
        expect(farthest(logits, twin.forward(input).logits)).toBeLessThan(TWIN_TOLERANCE);
        sum(mul(logits, logits)).backward();
        for (const [name, parameter] of model.parameters()) {
          const gradient = parameter.grad;
          expect(gradient && Math.max(...abs(gradient).toFloat32Array()), name).toBeGreaterThan(0);
        }
      });
      model.dispose();
    }
  });

  it("streams as it runs at once, step by step and in chunks", () => {
    using model = createModel(snnOf(arch));
    model.setTraining(false);
    using state = new SpikingState();
    scope("test", () =>
      noGrad(() => {
        const input = frames();
        const { logits } = model.forward(input);
        for (let t = 0; t < 3; t++) model.advance(narrow(input, 0, t, 1), state);
        expect(farthest(model.readOut(state, size), logits)).toBeLessThan(TWIN_TOLERANCE);
        const chunked = infer(model, timedInput(model, input), { activationBytes: 1 });
        expect(farthest(chunked.logits, logits)).toBeLessThan(TWIN_TOLERANCE);
      }),
    );
  });

  it("is described layer by layer, and its dense operations are counted", () => {
    for (const config of [annOf(arch), snnOf(arch)]) {
      using model = createModel(config);
      const parameters = [...model.parameters().values()].reduce((total, { numel }) => total + numel, 0);
      expect(layerTable(config, size).reduce((total, row) => total + row.parameters, 0)).toBe(parameters);
    }
    using ann = createModel(annOf(arch));
    const counter = new OperationCounter(ann.config, size);
    scope("test", () => void ann.forward(rand([2, 2, ...size], 5), { observer: counter }));
    const macs = (operations: ReturnType<typeof denseOperations>) =>
      operations.layers.map(({ name, multiplyAccumulates }) => [name, multiplyAccumulates]);
    expect(macs(counter.operations())).toEqual(macs(denseOperations(annOf(arch), size)));
    const joins = counter.operations().auxiliary.find(({ name }) => name === "joins");
    // One addition for each channel and pixel: of the maps of 7x9 and 13x18, of the shortcut's map.
    const added = new Map([
      [linkNet, 6 * 7 * 9 + 4 * 13 * 18],
      [residual, 6 * 7 * 9],
    ]);
    expect(joins?.accumulates).toBe(added.get(arch));
  });

  it("can be converted: many steps of the SNN near the ANN", () => {
    using ann = createModel({ ...annOf(arch), batchNorm: false });
    ann.setTraining(false);
    using image = rand([1, 2, ...size], 7);
    const frames = () => image;
    const network = { config: ann.config, state: readState(ann) };
    const obstacle = new Map<NamedArchitecture, RegExp | string>([
      [linkNet, /features.join\d joined by sum/],
      [residual, "all have an activation, received one with currents (features.1)"],
    ]).get(arch);
    if (obstacle !== undefined) {
      const options = { method: "percentile", type: "channel", timesteps: 256 } as const;
      const convert = () => convertAnn(network, [{ images: image, frames }], options);
      expect(convert).toThrow(ConversionError);
      expect(convert).toThrow(obstacle);
      return;
    }
    const { model } = convertAnn(network, [{ images: image, frames }], {
      ...{ method: "percentile", type: "channel", timesteps: 256 },
    });
    model.setTraining(false);
    scope("test", () =>
      noGrad(() => {
        const expected = ann.forward(image).logits;
        const steps = arch.decoder === "skips" ? 256 : 1; // the decoder adds up over time
        const received = mul(model.forward(image).logits, 1 / steps);
        const spread = Math.max(...abs(expected).toFloat32Array());
        expect(farthest(received, expected)).toBeLessThan(0.15 * spread);
      }),
    );
    model.dispose();
  });
});

describe("the fused kernels", () => {
  it("run an architecture of one's own where its layers read spikes, and say why not where they do not", () => {
    const plain: NamedArchitecture = {
      ...uNet,
      name: "plain",
      features: [conv(64), pool, conv(64), conv(64)],
    };
    using model = createModel(snnOf(plain));
    model.setTraining(false);
    using fused = fuseSnn(model, { height: size[0], width: size[1], precision: "exact" });
    scope("test", () => {
      const input = frames();
      const expected = noGrad(() => model.forward(input)).logits;
      expect(farthest(fused.forward(input).logits, expected)).toBeLessThan(TWIN_TOLERANCE);
    });
    using joined = createModel(snnOf(uNet));
    expect(fusionObstacle(joined)).toContain("joins maps of two sizes");
    expect(() => fuseSnn(joined, { height: 8, width: 8, precision: "fast" })).toThrow("joins maps");
    expect(bitsObstacle(snnOf(uNet))).toContain("joins maps");
    using pooled = createModel(snnOf({ ...plain, features: [conv(4), pool] }));
    expect(fusionObstacle(pooled)).toContain("pools for something else than a convolution");
    const obstacles: [NamedArchitecture["features"], string][] = [
      [[conv(4), conv(4, { stride: 2 })], "features.1 is a convolution of stride 2"],
      [[conv(4), depthwise(4)], "features.1 is a depthwise convolution"],
      [[conv(4), currents(4), fire], "features.1 is a convolution without neurons behind it"],
      [[conv(4), fire], "features.fire1 fires on a map of currents"],
    ];
    for (const [features, message] of obstacles) {
      const arch = { ...plain, features };
      expect(bitsObstacle(snnOf(arch))).toContain(message);
      using model = createModel(snnOf(arch));
      expect(fusionObstacle(model)).toContain(message);
    }
  });
});

describe("an architecture that cannot be", () => {
  it.each([
    [{ name: "" }, "arch.name to be a name"],
    [{ decoder: "unet" }, "decoder to be one of output, skips"],
    [{ features: [pool, conv(4)] }, "the first of the features to be a conv"],
    [{ features: [conv(0)] }, "stage 0: expected channels"],
    [{ features: [{ kind: "conv", channels: 4, kernelSize: 2 }] }, "kernelSize to be odd"],
    [{ features: [{ kind: "conv", channel: 4 }] }, "did you mean channels?"],
    [{ features: [conv(4), join("a")] }, "a join of a name that was kept before it"],
    [{ features: [conv(4), keep("a"), conv(6), join("a", "sum")] }, "as many channels"],
    [{ features: [conv(4), keep("a"), { ...join("a"), by: "product" }] }, "by to be one of channels, sum"],
    [{ features: [conv(4, { stride: 3 })] }, "stride to be an integer from 1 to 2"],
    [{ features: [conv(4, { depthwise: 1 })] }, "depthwise to be true or false"],
    [{ features: [conv(4, { fires: "no" })] }, "fires to be true or false"],
    [{ features: [depthwise(2)] }, "no depthwise conv as the first"],
    [
      { features: [conv(4), depthwise(6)] },
      "channels of a depthwise conv to be 4, as its input has, received 6",
    ],
    [
      { features: [conv(4), currents(4), conv(4)] },
      "stage 2: expected its input to be spikes or activations, received",
    ],
    [{ features: [conv(4), currents(4), pool, conv(4)] }, "stage 3: expected its input to be spikes"],
    [
      { features: [currents(4), keep("a"), fire, conv(4), join("a", "sum"), conv(4)] },
      "put a fire before it",
    ],
    [
      { features: [currents(4), keep("a"), fire, conv(4), join("a"), conv(4)] },
      "stage 5: expected its input",
    ],
    [{ features: [conv(4), currents(4)] }, "the output convolution: expected its input to be spikes"],
    [{ features: [conv(4), keep("a"), conv(4), keep("a")] }, "a keep of a new name"],
    [
      { decoder: "skips", features: [conv(4), skip, currents(4)], classifier: [skip] },
      "stage 3: expected its input to be spikes",
    ],
    [{ features: [conv(4), skip] }, "0 beside decoder output, received 1"],
    [{ decoder: "skips", features: [conv(4), skip], classifier: [] }, "2 or more beside decoder skips"],
    [
      { decoder: "skips", features: [conv(4), skip, pool, conv(4)], classifier: [skip], alignCorners: false },
      "alignCorners to be true with decoder skips",
    ],
    [{ alignCorners: 1 }, "alignCorners to be true or false"],
    [{ decoder: "skips", features: [conv(4), skip, pool, skip] }, "a skip with a conv since the last one"],
    [{ decoder: "skips", features: [conv(4), skip, conv(4), skip, conv(4)] }, "the last stage to be a skip"],
  ])("is refused %#: %s", (change, message) => {
    const config = snnOf({ ...uNet, ...change } as NamedArchitecture);
    expect(() => checkModelConfig(config)).toThrow(OptionError);
    expect(() => createModel(config)).toThrow(message);
  });
});

describe("a neuron and a surrogate of one's own", () => {
  const triangle: SurrogateFunction = { name: "flat", slope: (x) => add(mul(x, 0), 0.5) };
  const neuron: Neuron = {
    name: "leak-learner",
    learnt: { lambda: 0.9 },
    charge: (v, current, { learnt }) => add(mul(v, learnt.lambda!), current),
  };
  const small: NamedArchitecture = { ...uNet, name: "small", features: [conv(64), pool, conv(64)] };
  const config: SnnConfig = { ...snnOf(small), neuron, surrogate: triangle };

  it("train in a network, also where bfloat16 gradients are asked for, and travel with its copies", () => {
    const before = liveTensors();
    {
      using model = createModel(config, { precision: "bf16" });
      expect([...model.parameters().keys()]).toContain("lif_features.0.lambda");
      using optimizer = new Adam(model.parameters(), { lr: 0.05 });
      const losses = Array.from({ length: 8 }, () =>
        scope("step", () => {
          const { logits } = model.forward(frames());
          const error = sub(logits, 1);
          const loss = sum(mul(error, error));
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          return loss.item();
        }),
      );
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
      expect(model.parameters().get("lif_features.0.lambda")!.item()).not.toBe(Math.fround(0.9));
      model.setTraining(false);
      using copy = copyModel(model);
      using twin = plainTwin(model);
      scope("test", () =>
        noGrad(() => {
          const { logits } = model.forward(frames());
          expect(copy.forward(frames()).logits.toArray()).toEqual(logits.toArray());
          expect(farthest(twin.forward(frames()).logits, logits)).toBeLessThan(TWIN_TOLERANCE);
        }),
      );
    }
    expect(liveTensors()).toBe(before);
  });

  it("are told from LIF by the fused kernels, which need no surrogate for inference", () => {
    using own = createModel(config);
    expect(fusionObstacle(own)).toBe("its neurons are leak-learner, and the kernels know LIF alone");
    expect(bitsObstacle(config)).toContain("leak-learner");
    using lif = createModel({ ...snnOf(small), surrogate: triangle });
    expect(fusionObstacle(lif)).toBeUndefined();
    expect(bitsObstacle(lif.config)).toBe("no fused kernel knows its surrogate flat");
  });

  it("must be given again where a config comes from a file", () => {
    const stored = JSON.parse(JSON.stringify(config)) as SnnConfig;
    expect(() => createModel(stored)).toThrow("the slope of surrogate flat to be a function");
    expect(() => createModel({ ...stored, surrogate: triangle })).toThrow("charge of neuron leak-learner");
    createModel({ ...stored, surrogate: triangle, neuron }).dispose();
  });
});
