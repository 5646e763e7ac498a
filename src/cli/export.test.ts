/** `snnseg export` writes what it says, and refuses what it cannot write before anything is there. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, savedConfigs, saveNetwork } from "../../tests/saved-network.js";
import { readNir, readOnnx } from "../export/index.js";
import { openWebNetwork } from "../web/index.js";

let folder = "";
const at = (name: string) => join(folder, name);
const small = {
  arch: { name: "tiny", decoder: "output", features: [{ kind: "conv", channels: 4 }], classifier: [] },
} as const;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-export-"));
  await saveNetwork(
    at("snn"),
    { ...savedConfigs.snn, ...small },
    { config: { encoding: "poisson", arch: "dl-vgg9" } },
  );
  await saveNetwork(
    at("hard"),
    { ...savedConfigs.snn, ...small, reset: "hard", norm: "affine" },
    { config: { encoding: "direct", arch: "dl-vgg9", reset: "hard", norm: "affine" } },
  );
  const elsewhere = { dataset: "folder", root: at("nowhere"), arch: "dl-vgg9" };
  await saveNetwork(at("moved"), { ...savedConfigs.ann, ...small }, { config: elsewhere });
  await saveNetwork(at("ann"), { ...savedConfigs.ann, ...small }, { config: { arch: "dl-vgg9" } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("export", () => {
  it("writes a file that says how to feed the network and what its answer means", async () => {
    const file = at("ann.onnx");
    const { code, out } = await runCommand("export", at("ann"), "--to", "onnx", "-o", file, "--json");
    expect(code).toBe(0);
    const { meta, inputs, outputs } = readOnnx(await readFile(file));
    expect(JSON.parse(out)).toMatchObject({
      file,
      to: "onnx",
      bytes: (await readFile(file)).length,
      notes: [],
    });
    expect(inputs).toEqual([{ name: "image", dimensions: ["N", 3, "H", "W"] }]);
    expect(outputs).toEqual([{ name: "logits", dimensions: ["N", 11, "H", "W"] }]);
    expect(meta).toMatchObject({ name: "ann", encoding: "direct", timesteps: 1, architecture: "tiny" });
    expect(meta.classes).toHaveLength(11);
    expect(meta.colors).toHaveLength(11);
    // "paper" reads blue, green, red.
    const scale = { source: 2, subtract: 104.00699, divide: 255 };
    expect(meta.input).toMatchObject({
      kind: "picture",
      size: [16, 16],
      fit: "stretch",
      scale: [scale, {}, {}],
    });
  });

  it("says how events become frames", async () => {
    const model = { ...savedConfigs.snn, ...small, inputChannels: 2, numClasses: 6 };
    const config = { dataset: "ddd17", root: folder, encoding: "sequence", arch: "dl-vgg9" };
    await saveNetwork(at("events"), model, { config });
    expect(await runCommand("export", at("events"), "--to", "onnx", "-o", at("events.onnx"))).toMatchObject({
      code: 0,
    });
    const { meta, inputs } = readOnnx(await readFile(at("events.onnx")));
    expect(inputs).toEqual([{ name: "frames", dimensions: [2, "N", 2, "H", "W"] }]);
    expect(meta.input).toEqual({
      ...{
        kind: "events",
        size: [16, 16],
        channels: 2,
        representation: "ev-segnet",
        bins: 1,
        windowUs: 50_000,
      },
      ...{ scaling: "channel", shown: { sensor: [260, 346], labels: [200, 346] } },
    });
  });

  it("takes frames where timesteps differ, as many as were asked for", async () => {
    const file = at("snn.onnx");
    const words = ["--to", "onnx", "--timesteps", "1", "-o", file];
    const { code, out } = await runCommand("export", at("snn"), ...words);
    expect(code).toBe(0);
    expect(out).toMatch(/MB: opset 17, \d+ nodes, frames \[1, N, 3, H, W\] → logits \[N, 11, H, W\]/);
    expect(readOnnx(await readFile(file)).meta).toMatchObject({ encoding: "poisson", timesteps: 1 });
  });

  it("writes NIR and says what is outside the graph", async () => {
    const file = at("hard.nir");
    const { code, out, err } = await runCommand("export", at("hard"), "--to", "nir", "-o", file);
    expect(code).toBe(0);
    expect(out).toMatch(
      /NIR 1\.0\.7, 5 nodes \(2 Conv2d, 1 LIF, 1 Input, 1 Output\), 4 edges, \[3, 16, 16\] → \[11, 16, 16\]/,
    );
    expect(err).toContain("their mean over 2 timesteps");
    const { metadata } = (await readNir(file)).graph;
    expect(metadata).toMatchObject({ dt: 1e-4, timesteps: 2 });
    expect(JSON.parse(metadata?.snnseg as string)).toMatchObject({ name: "hard", architecture: "tiny" });
  });

  it.each([
    ["an example of the data that the run was scored on", "ann", /"name":"[^"]* of val"/],
    ["a generated picture where these are not here", "moved", /"name":"generated picture"/],
  ])("writes a page with %s, and says its sizes", async (_, name, example) => {
    const file = at(`${name}.html`);
    const { code, out } = await runCommand("export", at(name), "--to", "web", "-o", file);
    expect(code).toBe(0);
    const page = await readFile(file, "utf8");
    const [, plain] = out.match(
      /MB: a page of (\d+) kB \(gzip \d+ kB\), network \d+ kB, example \d+ kB; open it in a browser\n$/,
    )!;
    const beside = ["live-data", "live-model"].map((id) => page.match(`id="${id}">([^<]*)<`)![1]!.length);
    expect(page.length - beside[0]! - beside[1]!).toBeLessThan(1000 * Number(plain));
    expect(page).toMatch(example);
  });

  it("writes the network of a page alone", async () => {
    const file = at("network.safetensors");
    const { code, out } = await runCommand("export", at("ann"), "--to", "web-network", "-o", file);
    expect(code).toBe(0);
    expect(out).toContain("MB: not spiking, 16 x 16 pictures to 11 classes\n");
    const { description } = await openWebNetwork(new Uint8Array(await readFile(file)));
    expect(description).toMatchObject({
      name: "ann",
      timesteps: 1,
      input: { kind: "picture", size: [16, 16] },
    });
  });

  it("replaces a file only where it is asked to", async () => {
    const words = ["export", at("ann"), "--to", "onnx", "-o", at("there.onnx")];
    expect(await runCommand(...words)).toMatchObject({ code: 0 });
    const refused = await runCommand(...words);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.err).toMatch(
      /received .*there\.onnx, which is there; name another one .* or add --overwrite/,
    );
    expect(await runCommand(...words, "--overwrite")).toMatchObject({ code: 0 });
  });

  it.each([
    ["an unknown format", ["--to", "gif"], /Allowed choices are onnx, nir, web/],
    [
      "what NIR cannot say",
      ["--to", "nir"],
      /received batch norm with factors .*; soft reset .*; train a network/,
    ],
    [
      "an option of another format",
      ["--to", "nir", "--form", "step"],
      /expected no form with the format nir/,
    ],
    ["a form of a page", ["--to", "web", "--form", "step"], /expected no form with the format web/],
    ["no format", [], /--to <FORMAT>' not specified/],
    ["more timesteps than batch norm knows", ["--to", "onnx", "--timesteps", "9"], /timesteps/],
  ])("refuses %s and writes nothing", async (_, words, message) => {
    const { code, err } = await runCommand("export", at("snn"), ...words, "-o", at("none.onnx"));
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(existsSync(at("none.onnx"))).toBe(false);
  });
});
