import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { NamedArray } from "../../engine/index.js";
import { DataFormatError } from "../../errors.js";
import {
  convolutionNames,
  findStateDict,
  fromReferenceLayout,
  fromReferenceThresholds,
  isReferenceLayout,
  type NamedArrays,
  type PickleDict,
  pickleToJson,
  readPytorch,
  spikingLayerNames,
  toReferenceLayout,
  toReferenceThresholds,
  vggFeatureWeights,
} from "../index.js";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.pth`, import.meta.url));
const f32 = (shape: number[], values: readonly number[]): NamedArray => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(values),
});
const zeros = (...shape: number[]) => f32(shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(0));
const options = { path: "x.pth" };

describe("the reference's layout", () => {
  it.each(["reference-zip", "reference-legacy"])(
    "comes in: batch norms of all timesteps in one array (%s)",
    async (name) => {
      const { tensors, others } = findStateDict((await readPytorch(fixture(name))).value, name);
      expect([...others.keys()]).toEqual(["config", "thresholds", "epoch", "best_miou"]);
      expect(isReferenceLayout(tensors.keys())).toBe(true);
      const ours = fromReferenceLayout(tensors, { ...options, threshold: 0.5 });
      expect([...ours.keys()]).toEqual([
        "features.0.weight",
        "classifier.0.weight",
        "bn_features.0.weight",
        "bn_features.0.running_mean",
        "bn_features.0.running_var",
        "lif_features.0.threshold",
      ]);
      expect(ours.get("features.0.weight")).toEqual(tensors.get("features.0.weight"));
      expect(ours.get("bn_features.0.weight")).toEqual(f32([3, 2], [1, 2, 2, 3, 3, 4]));
      expect(ours.get("bn_features.0.running_mean")).toEqual(f32([3, 2], [0, 0, 0.1, 0.2, 0.2, 0.4]));
      expect(ours.get("lif_features.0.threshold")).toEqual(f32([1], [0.5]));
    },
  );

  it("goes out and comes back the same", async () => {
    const { tensors } = findStateDict((await readPytorch(fixture("reference-zip"))).value, "x");
    const ours = fromReferenceLayout(tensors, { ...options, threshold: 0.5 });
    const { tensors: theirs, thresholds } = toReferenceLayout(ours);
    expect([...theirs.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, array] of theirs)
      if (!name.endsWith("tracked")) expect(array).toEqual(tensors.get(name));
    expect([...thresholds]).toEqual([["features.0", f32([1], [0.5])]]);
    expect([...fromReferenceLayout(theirs, { ...options, threshold: 0.5 })].sort()).toEqual([...ours].sort());
  });

  it("of an ANN keeps one batch norm a layer", () => {
    const ann: NamedArrays = new Map([
      ["module.features.0.weight", zeros(2, 1, 3, 3)],
      ["module.bn_features.0.running_mean", f32([2], [1, 2])],
      ["module.bn_features.0.running_var", f32([2], [3, 4])],
      [
        "module.bn_features.0.num_batches_tracked",
        { dtype: "int64", shape: [], data: new BigInt64Array([9n]) },
      ],
    ]);
    const ours = fromReferenceLayout(ann, options);
    expect([...ours.keys()]).toEqual([
      "features.0.weight",
      "bn_features.0.running_mean",
      "bn_features.0.running_var",
    ]);
    expect([...toReferenceLayout(ours).tensors.keys()].sort()).toEqual(
      [...ann.keys()].map((key) => key.slice(7)).sort(),
    );
  });

  it.each(["module.", "model.", "net._orig_mod.", "module.model."])("drops the prefix %s", (prefix) => {
    const own = ["features.0.weight", "bn_features.0.running_mean", "classifier.1.weight"];
    const tensors: NamedArrays = new Map(own.map((name) => [prefix + name, zeros(2)]));
    tensors.set("criterion.weight", zeros(3));
    expect([...fromReferenceLayout(tensors, options).keys()]).toEqual([...own, "criterion.weight"]);
  });

  it("is refused with a missing timestep, uneven channels, a wild timestep, or a shift", () => {
    const bn = (entries: readonly [string, NamedArray][]) => () =>
      fromReferenceLayout(new Map(entries.map(([key, array]) => [`bn_features.0.${key}`, array])), options);
    expect(
      bn([
        ["0.weight", zeros(2)],
        ["2.weight", zeros(2)],
        ["1.running_mean", zeros(2)],
      ]),
    ).toThrow(/bn_features\.0\.weight with timesteps 0 to 2, received none for timestep 1/);
    expect(
      bn([
        ["0.weight", zeros(2)],
        ["1.weight", zeros(3)],
      ]),
    ).toThrow(/\[2\] at every timestep, received float32 \[3\] at 1/);
    expect(bn([["4000000000.weight", zeros(2)]])).toThrow(/consecutive timesteps/);
    expect(
      bn([
        ["0.weight", zeros(2)],
        ["0.bias", f32([2], [0, 1])],
      ]),
    ).toThrow(/without a learnt shift/);
    expect(
      bn([
        ["0.weight", zeros(2)],
        ["0.bias", zeros(2)],
      ]),
    ).not.toThrow();
    expect(bn([["1.weight", zeros(2)]])).toThrow(DataFormatError);
  });

  it("names layers in the order of the network, FCN's decoder last", () => {
    const keys = [
      "classifier.1.weight",
      "features.10.weight",
      "features.2.weight",
      "classifier.0.weight",
      "features.2.bias",
    ];
    expect(convolutionNames(keys)).toEqual(["features.2", "features.10", "classifier.0", "classifier.1"]);
    expect(spikingLayerNames(keys)).toEqual(["features.2", "features.10", "classifier.0"]);
    expect(spikingLayerNames([...keys, "upsample.0.0.weight"]).slice(3)).toEqual([
      "classifier.1",
      "upsample.0",
      "upsample.1",
    ]);
  });
});

describe("the reference's thresholds", () => {
  const layers = ["features.0", "classifier.0"];
  it("come in by type, timesteps and layer, and go out again", async () => {
    const { others } = findStateDict((await readPytorch(fixture("reference-zip"))).value, "x");
    const ours = fromReferenceThresholds(others.get("thresholds")!, { ...options, layers });
    expect([...ours]).toEqual([
      ["layer.16.features.0", f32([1], [3.5])],
      ["layer.16.classifier.0", f32([], [2.25])],
      ["channel.16.features.0", f32([2], [1, 2])],
    ]);
    const theirs = toReferenceThresholds(ours, layers);
    expect((theirs.get("layer") as PickleDict).get(16)).toEqual([f32([1], [3.5]), f32([], [2.25])]);
    expect([...fromReferenceThresholds(theirs, { ...options, layers })]).toEqual([...ours]);
  });

  it("of old files are bare lists, whose type and timesteps must be said", () => {
    expect(() => fromReferenceThresholds([1, 2], { ...options, layers })).toThrow(/a bare list; say/);
    const ours = fromReferenceThresholds([1, 2], {
      ...options,
      layers,
      bare: { type: "layer", timesteps: 8 },
    });
    expect([...ours.keys()]).toEqual(["layer.8.features.0", "layer.8.classifier.0"]);
  });

  it.each([
    [new Map([["pixel", new Map([[16, [1]]])]]), /the type "pixel"/],
    [new Map([["layer", new Map([[16, [1, 2, 3]]])]]), /3 of them for 2 layers/],
    [new Map([["layer", [1]]]), /no dict for layer/],
    [new Map([["layer", new Map([[16, ["x"]]])]]), /something else for layer 0/],
  ])("are refused if they are something else", (value, reason) => {
    expect(() => fromReferenceThresholds(value, { ...options, layers })).toThrow(reason);
  });
});

describe("torchvision's VGG weights", () => {
  const vgg: NamedArrays = new Map([
    ["features.0.weight", zeros(4, 3, 3, 3)],
    ["features.0.bias", zeros(4)],
    ["features.3.weight", zeros(8, 4, 3, 3)],
    ["features.3.bias", zeros(8)],
    ["features.10.weight", zeros(16, 8, 3, 3)],
    ["classifier.0.weight", zeros(2, 2)],
  ]);
  const expected = new Map([
    ["features.0.weight", [4, 2, 3, 3]],
    ["features.1.weight", [8, 4, 3, 3]],
    ["features.2.weight", [16, 8, 3, 3]],
  ]);
  it("come in by the order of convolutions, where they fit, with notes on the rest", () => {
    const { tensors, notes } = vggFeatureWeights(vgg, { ...options, expected });
    expect([...tensors.keys()]).toEqual(["features.1.weight", "features.2.weight"]);
    expect(tensors.get("features.2.weight")).toBe(vgg.get("features.10.weight"));
    expect(notes).toEqual([
      "features.0.weight [4, 3, 3, 3] left out: features.0.weight is [4, 2, 3, 3]",
      "2 biases left out: our convolutions have none",
    ]);
  });

  it("are refused if none fits", () => {
    expect(() => vggFeatureWeights(vgg, { ...options, expected: new Map() })).toThrow(
      /3 convolutions of other shapes/,
    );
    expect(() => vggFeatureWeights(new Map(), { ...options, expected })).toThrow(/no features\.N\.weight/);
  });
});

describe("findStateDict", () => {
  it("accepts a bare state dict and names what it finds instead of one", () => {
    const bare: NamedArrays = new Map([["w", zeros(1)]]);
    expect(findStateDict(bare, "x").tensors).toEqual(bare);
    expect(findStateDict(new Map([["model", bare]]), "x").tensors).toEqual(bare);
    expect(() => findStateDict(new Map([["epoch", 3]]), "x")).toThrow(/received a dict of epoch/);
    expect(() => findStateDict([1], "x")).toThrow(/another value/);
  });

  it("leaves the rest readable as JSON", async () => {
    const { others } = findStateDict((await readPytorch(fixture("reference-zip"))).value, "x");
    expect(pickleToJson(new Map(others))).toMatchObject({
      config: { arch: "dl-vgg9", timesteps: 3, leak_mem: 0.99, bn: true, img_size: [64, 64], alpha: null },
      thresholds: { channel: { 16: ["tensor float32 [2]"] } },
      best_miou: 0.4375,
    });
  });
});
