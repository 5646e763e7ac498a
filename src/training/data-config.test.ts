import { describe, expect, it } from "vitest";
import { flagLayer, resolveConfig } from "../config/index.js";
import { datasetSpecOf, splitsOf } from "./data-config.js";

const specOf = (values: Record<string, unknown>) => datasetSpecOf(resolveConfig([flagLayer(values)]).config);

describe("datasetSpecOf", () => {
  it("passes every composition option of digits", () => {
    const values = {
      ...{
        dataset: "digits",
        imgSize: 32,
        digitsTrain: 5,
        digitsVal: 3,
        digitCount: "2,4",
        digitScale: "0.2,0.3",
      },
      ...{ digitOverlap: 0.5, digitOcclusion: "random", digitSeed: 9, cifar10: "/c" },
    };
    expect(specOf(values)).toEqual({
      ...{
        name: "digits",
        imgSize: [32, 32],
        preprocessing: "paper",
        cifar10: "/c",
        trainSize: 5,
        valSize: 3,
      },
      ...{ digits: [2, 4], scale: [0.2, 0.3], overlap: 0.5, occlusion: "random", seed: 9 },
    });
  });

  it("makes sequences of DDD17 for networks that take them, in either division", () => {
    const ddd17 = { dataset: "ddd17", root: "/d", timesteps: 3 };
    expect(specOf({ ...ddd17, encoding: "sequence", channels: 6, division: "ess" })).toMatchObject({
      ...{ sequence: 3, channels: 6, division: "ess", scaling: "channel" },
    });
    expect(specOf(ddd17)).toMatchObject({ sequence: 0, channels: 2, division: "ev-segnet" });
  });

  it("cuts frames from recordings as asked", () => {
    expect(
      specOf({
        dataset: "dsec",
        root: "/d",
        dsecClasses: 19,
        representation: "voxel",
        bins: 3,
        windowUs: 9000,
      }),
    ).toMatchObject({ name: "dsec", classes: 19, representation: "voxel", bins: 3, windowUs: 9000 });
    expect(specOf({ dataset: "events", root: "/d", classes: "/c.json", frameCache: "/f" })).toMatchObject({
      ...{ name: "events", classesFile: "/c.json", cache: "/f", representation: "counts" },
    });
  });

  it("gives lists to the splits in use", () => {
    const values = {
      dataset: "folder",
      root: "/d",
      trainList: "/a.txt",
      evalList: "/b.txt",
      evalSplit: "dev",
    };
    expect(specOf(values)).toMatchObject({ lists: { train: "/a.txt", dev: "/b.txt" } });
    expect(splitsOf(resolveConfig([flagLayer(values)]).config)).toEqual({ train: "train", evaluate: "dev" });
    const { evalList: _, ...trainListOnly } = values;
    const refusals = [values, trainListOnly].map((lists) => () => specOf({ ...lists, trainSplit: "dev" }));
    for (const one of refusals)
      expect(one).toThrow(/--train-list: expected another split for evaluation, received dev/);
  });
});
