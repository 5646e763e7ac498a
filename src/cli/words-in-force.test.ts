/** Words of a command are in force or refused. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand, savedConfigs, saveNetwork } from "../../tests/saved-network.js";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-words-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  [
    ["convert", "x", "--percentile", "0.9"],
    /--percentile: expected --method percentile or initial, or --curve/,
  ],
  [
    ["convert", "x", "--method", "initial", "--reset"],
    /--reset: expected --method paper.*received --method initial/,
  ],
  [["convert", "x", "--direct", "y"], /--direct: expected --curve/],
])("refuses %j", async (argv, message) => {
  const { code, err } = await runCommand(...argv);
  expect(err).toMatch(message);
  expect(err).toMatch(/^error: [^\n]*\n$/);
  expect(code).toBe(2);
});

it("takes the options of a run that a config file begins with", async () => {
  const network = { ...savedConfigs.snn, leak: 0.5 };
  const initFrom = `${await saveNetwork(at("start"), network)}.safetensors`;
  await writeFile(at("config.json"), JSON.stringify({ initFrom, epochs: 1, threshold: 2 }));
  const { code, err } = await runCommand(
    "train",
    "--config",
    at("config.json"),
    "--run",
    at("run"),
    "--pictures",
    "0",
  );
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  const { options } = JSON.parse(await readFile(join(at("run"), "config.json"), "utf8"));
  expect(options).toMatchObject({ dataset: "digits", imgSize: [16, 16], leak: 0.5, threshold: 2 });
}, 240_000);
