/** A network in a page over time: steps, streams, settings, and files that are none. */
import { beforeAll, describe, expect, it } from "vitest";
import { noGrad, rand, scope } from "../../engine/index.js";
import { DataFormatError, OptionError, ShapeError } from "../../errors.js";
import { createModel, type ModelSettings, type NamedArchitecture } from "../../models/index.js";
import { openWebNetwork, type WebActivity, type WebNetwork } from "../../web/index.js";
import { foldNetwork } from "../fold-network.js";
import { type WebModelMeta, writeWebModel } from "./write-web-model.js";

const arch: NamedArchitecture = {
  ...{ name: "shallow", decoder: "output", classifier: [{ kind: "conv", channels: 20 }] },
  features: [
    { kind: "conv", channels: 16 },
    { kind: "pool", stride: 2 },
  ],
};
const settings = {
  ...{ kind: "snn", arch, timesteps: 3, threshold: 0.2, leak: 0.9, batchNorm: false },
  ...{ inputChannels: 3, numClasses: 4 },
} as const;
const meta: WebModelMeta = {
  name: "a test",
  classes: ["a", "b", "c", "d"],
  colors: [0, 1, 2, 3].map((c) => [c, c, c] as const),
  input: {
    ...{ kind: "picture", size: [6, 8], fit: "stretch", encoding: "direct" },
    channels: [0, 1, 2].map((source) => ({ source, subtract: 0, divide: 255 })),
  },
};

function fileOf(change: Partial<ModelSettings> = {}): Uint8Array<ArrayBuffer> {
  using model = createModel({ ...settings, ...change } as ModelSettings, { seed: 3 });
  return writeWebModel(foldNetwork(model), meta);
}

const frameOf = (seed: number, [height, width] = [6, 8]) =>
  scope("frame", () => noGrad(() => rand([1, 3, height!, width!], seed).toFloat32Array()));
const frame = frameOf(1);
const spikes = (network: WebNetwork) => network.activity().map((layer: WebActivity) => layer.spikes);

let bytes: Uint8Array<ArrayBuffer>;
let network: WebNetwork;
beforeAll(async () => {
  bytes = fileOf();
  network = await openWebNetwork(bytes);
});

describe("a network in a page", () => {
  it("says what it is", () => {
    const { description } = network;
    expect(description).toMatchObject({ ...meta, kind: "snn", timesteps: 3, leak: 0.9 });
    expect(description.thresholds["features.0"]).toBeCloseTo(0.2);
    // 3x3 taps at 6x8: (3·6 − 2)·(3·8 − 2) lie within.
    expect(description.layers).toEqual([
      { name: "features.0", shape: [16, 6, 8], operations: 3 * 16 * 16 * 22, reads: [] },
      { name: "classifier.0", shape: [20, 3, 4], operations: 16 * 20 * 7 * 10, reads: ["features.0"] },
      { name: "classifier.1", shape: [4, 3, 4], operations: 20 * 4 * 12, reads: ["classifier.0"] },
    ]);
  });

  it("needs a frame only where it changes", () => {
    const run = (frames: readonly (Float32Array | undefined)[]) => {
      network.begin();
      for (const each of frames) network.step(each);
      return [network.scores(), network.labels(), spikes(network)];
    };
    const once = run([frame, undefined, undefined]);
    expect(run([frame, frame, frame])).toEqual(once);
    expect(run([frame, frameOf(2), undefined])).not.toEqual(once);
  });

  it("rounds what it sees to its grid, so that sums are whole", () => {
    const scoresOf = (seen: Float32Array) => {
      network.begin();
      network.step(seen);
      return network.scores();
    };
    const [step, most] = [2 ** -10, 1024];
    const whole = frame.map((x) => Math.round(x / step));
    expect(scoresOf(whole.map((k) => (k + 0.499) * step))).toEqual(
      scoresOf(whole.map((k) => (k - 0.499) * step)),
    );
    // Halves go to the even one, and what lies beyond stays at the end.
    const [even, odd] = [whole.map((k) => 2 * (k >> 1)), whole.map((k) => 2 * (k >> 1) + 1)];
    expect(scoresOf(even.map((k) => (k + 0.5) * step))).toEqual(scoresOf(even.map((k) => k * step)));
    expect(scoresOf(odd.map((k) => (k + 0.5) * step))).toEqual(scoresOf(odd.map((k) => (k + 1) * step)));
    expect(scoresOf(frame.map((x) => (x < 0.5 ? -9 : 9)))).toEqual(
      scoresOf(frame.map((x) => (x < 0.5 ? -most : most) * step)),
    );
  });

  it("keeps membranes from frame to frame where asked", () => {
    const second = (keepMembranes: boolean) => {
      network.begin();
      network.step(frame);
      network.begin({ keepMembranes });
      network.step(frame);
      return network.scores();
    };
    network.begin();
    network.step(frame);
    const first = network.scores();
    network.step();
    const both = network.scores();
    expect(second(false)).toEqual(first);
    // The mean of two steps, of which the second began where the first had ended.
    const kept = second(true);
    for (const [i, score] of kept.entries()) expect((first[i]! + score) / 2).toBeCloseTo(both[i]!, 5);
    expect(kept).not.toEqual(first);
  });

  it("counts what neurons send, by layer and pixel", () => {
    network.begin();
    network.step(frame);
    const [before] = network.activity();
    network.step();
    const [layer] = network.activity();
    expect(layer!.spikes).toBeGreaterThan(0);
    expect(layer!.total).toBe(before!.spikes + layer!.spikes);
    expect(layer!.map.reduce((sum, count) => sum + count, 0)).toBe(layer!.spikes);
    expect(layer).toMatchObject({ name: "features.0", shape: [16, 6, 8] });
    expect(layer!.map).toHaveLength(48);
  });

  it("fires less with higher thresholds and with more leak, as sliders set them", () => {
    const fired = (options: Parameters<WebNetwork["begin"]>[0]) => {
      network.begin(options);
      for (let t = 0; t < 3; t++) network.step(t === 0 ? frame : undefined);
      return network.activity()[0]!.total;
    };
    const trained = fired({});
    expect(fired({ thresholdFactor: 2 })).toBeLessThan(trained);
    expect(fired({ leak: 0 })).toBeLessThan(trained);
    expect(fired({})).toBe(trained);
  });

  it("takes inputs of any size, and comes back to its own", () => {
    network.begin();
    network.step(frame);
    const own = network.scores();
    network.begin({ size: [9, 5] });
    network.step(frameOf(4, [9, 5]));
    expect(network.labels()).toHaveLength(45);
    expect(network.size).toEqual([9, 5]);
    network.begin({ size: [6, 8] });
    network.step(frame);
    expect(network.scores()).toEqual(own);
  });

  it("refuses what it cannot run, and goes on", async () => {
    network.begin();
    expect(() => network.labels()).toThrow(OptionError);
    expect(() => network.step()).toThrow("expected a frame in the first timestep after begin");
    expect(() => network.step(new Float32Array(3))).toThrow(ShapeError);
    expect(() => network.begin({ thresholdFactor: 0 })).toThrow(OptionError);
    expect(() => network.begin({ leak: 2 })).toThrow(OptionError);
    expect(() => network.begin({ size: [0, 8] })).toThrow(OptionError);
    const own = await openWebNetwork(
      fileOf({ thresholdShapes: { "features.0": [16, 6, 8] } } as Partial<ModelSettings>),
    );
    expect(() => own.begin({ size: [9, 5] })).toThrow("each neuron of features.0 has a threshold of its own");
    own.step(frame);
    expect(own.labels()).toHaveLength(48);
  });

  it("does not grow from frame to frame", () => {
    for (let n = 0; n < 3; n++) {
      network.begin();
      network.step(frame);
      network.labels();
    }
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 300; n++) {
      network.begin();
      network.step(frame);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });
});

describe("writeWebModel", () => {
  it.each([
    [{ fullPropagation: true }, "extra timesteps"],
    [{ imbalance: 2 }, "negative threshold"],
  ])("refuses %o, and says why", (change, reason) => {
    expect(() => fileOf(change as Partial<ModelSettings>)).toThrow(reason);
  });
});

describe("a damaged or foreign file", () => {
  const opened = (file: Uint8Array) => openWebNetwork(file);

  it("is refused with a sentence", async () => {
    const foreign = new TextEncoder().encode("%PDF-1.4 something else altogether");
    for (const file of [
      foreign,
      new Uint8Array(0),
      bytes.subarray(0, 200),
      bytes.subarray(0, bytes.length - 9),
    ]) {
      await expect(opened(file)).rejects.toThrow(DataFormatError);
    }
  });

  /** The same file with a text of its header replaced by another as long. */
  const changed = (from: string, to: string) => {
    const text = Buffer.from(bytes).toString("latin1");
    expect(text).toContain(from);
    return Buffer.from(text.replace(from, to.padEnd(from.length)), "latin1");
  };

  it.each([
    ['\\"version\\":1', '\\"version\\":9', "version"],
    ['\\"kind\\":\\"snn\\"', '\\"kind\\":\\"xyz\\"', "kind"],
    ['\\"kernelSize\\":3', '\\"kernelSize\\":5', "step 0"],
    ['\\"from\\":0', '\\"from\\":9', "step 0"],
    ['\\"levels\\":0', '\\"levels\\":9', "cannot be"],
    ['\\"channels\\":16', '\\"channels\\":61', "cannot be"],
    ['\\"step\\":0.0009765625', '\\"step\\":0', "the grid"],
    ["snnseg-web", "other-text", "received safetensors of something else"],
  ])("with %s as %s is refused", async (from, to, message) => {
    await expect(opened(changed(from, to))).rejects.toThrow(message);
  });

  it("is refused or runs, wherever a byte of its description flips", async () => {
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    let refused = 0;
    for (let at = 8; at < 8 + length; at += 7) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 7);
      try {
        const web = await openWebNetwork(flipped, { engine: "javascript" });
        if (web.size.join() === "6,8") web.step(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        if (error instanceof DataFormatError) refused++;
        else throw error;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
