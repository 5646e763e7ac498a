import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { readConfigFile } from "./config-file.js";
import { flagLayer, type Layer } from "./option-layers.js";
import { presets } from "./presets.js";
import { presetLayer, resolveConfig } from "./resolve.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A data folder, which most data sets need. */
const rooted = (values: Record<string, unknown>): Layer =>
  flagLayer(values.dataset === "digits" || "root" in values ? values : { root: "data", ...values });
const file = (values: Record<string, unknown>): Layer => ({
  source: "file",
  where: "config a.yaml: ",
  values,
});

describe("layers", () => {
  it("puts flags over file over preset over defaults and remembers where values came from", () => {
    const preset = presetLayer("quick");
    const layers = [rooted({ epochs: "3" }), preset, file({ epochs: 9, lr: 0.5 })];
    const { config, sources } = resolveConfig(layers);
    expect(config).toMatchObject({ epochs: 3, lr: 0.5, timesteps: presets.quick!.values.timesteps, seed: 0 });
    expect(sources).toMatchObject({ epochs: "flag", lr: "file", timesteps: "preset", seed: "default" });
  });

  it("has the paper's settings as defaults", () => {
    const { config } = resolveConfig([rooted({})]);
    expect(config).toMatchObject({
      model: "snn",
      timesteps: 20,
      leak: 0.99,
      threshold: 1,
      epochs: 60,
      lr: 1e-3,
    });
    expect(config).toMatchObject({
      optimizer: "sgd",
      momentum: 0.9,
      weightDecay: 5e-4,
      batchSize: 16,
      evalEvery: 10,
    });
    expect(config.milestones).toEqual([0.5, 0.8]);
  });

  it("accepts every preset as it stands", () => {
    for (const [name, { values }] of Object.entries(presets)) {
      expect(() => resolveConfig([presetLayer(name), rooted({ dataset: values.dataset })])).not.toThrow();
    }
  });
});

describe("values", () => {
  it("understands the older word of a run, a file or a flag", () => {
    for (const source of ["run", "file", "flag"] as const) {
      const layer: Layer = { source, where: "", values: { dataset: "digits", precision: "fast" } };
      expect(resolveConfig([layer]).config.precision).toBe("bf16");
    }
  });

  it("reads the strings of a command line and the values of a file alike", () => {
    const words = {
      imgSize: "48x64",
      milestones: "0.2,0.9",
      batchNorm: "false",
      lr: "1e-2",
      examples: "a,b",
    };
    const values = {
      imgSize: [48, 64],
      milestones: [0.2, 0.9],
      batchNorm: false,
      lr: 0.01,
      examples: ["a", "b"],
    };
    expect(resolveConfig([rooted(words)]).config).toEqual(resolveConfig([rooted(values)]).config);
    const ddd17 = (channels: unknown) =>
      resolveConfig([rooted({ dataset: "ddd17", channels })]).config.channels;
    expect([ddd17(6), ddd17("6")]).toEqual(["6", "6"]);
    expect(resolveConfig([rooted({ imgSize: "64" })]).config.imgSize).toEqual([64, 64]);
  });

  it.each([
    [{ imgSize: "0" }, /--img-size: expected a side of 1 to 4096 pixels.*received 0/],
    [{ imgSize: "48x" }, /received 48x/],
    [{ arch: "dl-vgg7" }, /--arch: expected one of.*received dl-vgg7; did you mean dl-vgg9\?/],
    [{ epochs: "1.5" }, /--epochs: expected a whole number of at least 1, received 1\.5/],
    [{ lr: "" }, /--lr: expected a number above 0/],
    [{ lr: "0x10" }, /received 0x10/],
    [{ lr: Number.NaN }, /--lr/],
    [
      { threshold: "1e300" },
      /--threshold: expected a number above 0 and within float32's range, received 1e300/,
    ],
    [{ lr: "1e-300" }, /--lr: expected a number above 0 and within float32's range/],
    [{ leak: "1.1" }, /--leak: expected a number above 0 and at most 1/],
    [{ dataset: "folder", root: null }, /--root: expected the folder of data set folder/],
    [
      { dataset: "digits", root: "data" },
      /--root: expected --dataset voc2012 or folder or .*received --dataset digits/,
    ],
    [{ kernelSize: "4" }, /--kernel-size: expected an odd side.*try 5/],
    [{ device: "gpu" }, /--device: expected cpu, cuda/],
    [{ milestones: "0.8,0.5" }, /ascending/],
    [{ dataset: "ddd17", augment: "picture" }, /--augment: expected none or geometric for the event frames/],
    [
      { dataset: "ddd17", augment: "scale-crop" },
      /--augment: expected none or geometric for the event frames/,
    ],
    [
      { dataset: "digits", augment: "scale-crop" },
      /--augment: expected none, geometric or picture for digits/,
    ],
    [{ dataset: "digits", digitScale: "0.8,0.5" }, /--digit-scale: .*received 0\.8,0\.5/],
    [{ dataset: "digits", digitsTrain: "1000000000000" }, /--digits-train: expected .*at most 10000000/],
    [{ dataset: "digits", digitCount: "2" }, /--digit-count: expected the least and the most/],
    [{ dataset: "events", division: "ess" }, /--division: expected --dataset ddd17/],
    [
      { dataset: "events", bins: "3" },
      /--bins: expected --representation voxel, received --representation counts/,
    ],
    [
      { dataset: "ddd17", void: "background" },
      /--void: expected --augment geometric, received --augment none/,
    ],
    [{ dataset: "folder", void: "background" }, /--void: expected --dataset voc2012 or ddd17/],
    [{ dataset: "digits", orientation: "stored" }, /--orientation: expected --dataset voc2012 or folder/],
    [{ examples: "a", pictures: "2" }, /--pictures: expected no --examples, received --examples a/],
    [{ dataset: "dsec", windowUs: "0" }, /--window-us: expected a whole number of at least 1/],
    [
      { dataset: "dsec", trainList: "a.txt" },
      /--train-list: expected --dataset voc2012 or folder or .*received --dataset dsec/,
    ],
    [{ timestep: "4" }, /unknown option timestep; did you mean timesteps\?/],
    [{ encoding: "sequence", dataset: "digits" }, /--encoding: .*received sequence/],
  ])("refuses %j", (values, message) => {
    expect(() => resolveConfig([rooted(values)])).toThrow(OptionError);
    expect(() => resolveConfig([rooted(values)])).toThrow(message);
  });

  it("names the file in a file's errors and the key as the file spells it", () => {
    expect(() => resolveConfig([file({ imgSize: 0 })])).toThrow(/^config a\.yaml: imgSize: expected/);
  });

  it("refuses an unknown preset and suggests one", () => {
    expect(() => presetLayer("quik")).toThrow(/received quik; did you mean quick\?/);
    expect(() => presetLayer("constructor")).toThrow(OptionError);
  });
});

describe("contradictions", () => {
  it("refuses a spiking option given with --model ann", () => {
    const layers = [rooted({ model: "ann", timesteps: "4" })];
    expect(() => resolveConfig(layers)).toThrow(/--timesteps: expected --model snn, received --model ann/);
    expect(() => resolveConfig([file({ model: "ann" }), flagLayer({ timesteps: "4" })])).toThrow(OptionError);
    expect(() => resolveConfig([file({ model: "ann", timesteps: 4 })])).toThrow(OptionError);
  });

  it("drops what a preset or a file says when a stronger place makes it meaningless", () => {
    const twin = resolveConfig([presetLayer("quick"), rooted({ model: "ann" })]);
    expect(twin.config).toMatchObject({ model: "ann", timesteps: 20 });
    expect(twin.sources.timesteps).toBe("default");
    expect(() =>
      resolveConfig([file({ model: "snn", timesteps: 4 }), rooted({ model: "ann" })]),
    ).not.toThrow();
  });

  it("drops what a run recorded although it meant nothing", () => {
    const values = {
      ...rooted({}).values,
      rateTarget: null,
      rateWeight: 0.5,
      initFrom: "runs/a",
      init: "kaiming",
    };
    const { config, sources } = resolveConfig([{ source: "run", where: "best: ", values }]);
    expect(config).toMatchObject({ rateWeight: 0.1, init: "xavier" });
    expect(sources).toMatchObject({ rateWeight: "default", init: "default" });
    for (const [given, message] of [
      [{ rateWeight: "0.5" }, /--rate-weight: expected --rate-target, received none/],
      [
        { initFrom: "runs/a", init: "kaiming" },
        /--init: expected no --init-from, received --init-from \S*a;/,
      ],
    ] as const) {
      expect(() => resolveConfig([rooted(given)])).toThrow(message);
    }
  });

  it("refuses momentum with Adam and milestones without steps", () => {
    expect(() => resolveConfig([flagLayer({ optimizer: "adam", momentum: "0.5" })])).toThrow(
      /--optimizer sgd/,
    );
    expect(() => resolveConfig([flagLayer({ schedule: "constant", milestones: "0.5" })])).toThrow(
      /--schedule step/,
    );
  });
});

describe("readConfigFile", () => {
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it("reads YAML and JSON, either spelling, and counts paths from the file's folder", async () => {
    const yaml = await readConfigFile(write("a.yaml", "preset: quick\nimg-size: 48x64\nroot: data\n"));
    expect(yaml.preset).toBe("quick");
    expect(yaml.layer.values).toEqual({ imgSize: "48x64", root: join(folder, "data") });
    const json = await readConfigFile(write("a.json", '{"imgSize": [48, 64]}'));
    expect(json.layer.values).toEqual({ imgSize: [48, 64] });
  });

  it.each([
    ["list.yaml", "- 1\n", /expected option names with values/],
    ["broken.json", '{"a": ', /expected JSON or YAML/],
    ["twice.yaml", "img-size: 48\nimgSize: 64\n", /expected each option once, received imgSize twice/],
    ["preset.yaml", "preset: 3\n", /preset: expected a preset's name/],
  ])("refuses %s", async (name, content, message) => {
    await expect(readConfigFile(write(name, content))).rejects.toThrow(message);
  });

  it("shows values that hold themselves", async () => {
    const { layer } = await readConfigFile(write("alias.yaml", "milestones: &all [0.5, *all]\n"));
    expect(() => resolveConfig([layer])).toThrow(
      /alias\.yaml: milestones: expected a list.*received \[0\.5, \[/,
    );
  });

  it("refuses a missing file", async () => {
    await expect(readConfigFile(join(folder, "none.yaml"))).rejects.toThrow(/expected a readable file/);
  });
});
