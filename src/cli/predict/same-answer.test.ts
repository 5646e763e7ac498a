/** The answer about a picture does not depend on what else is asked about. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand, savedConfigs, saveNetwork } from "../../../tests/saved-network.js";
import { encodePicturePng } from "../../images/index.js";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-same-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("gives each of several pictures the mask that it gets alone, with Poisson coding too", async () => {
  // Thresholds so low that random spikes reach the output: another draw is another mask.
  const network = { ...savedConfigs.snn, threshold: 0.01 };
  const file = await saveNetwork(at("network"), network, { config: { encoding: "poisson" } });
  const pictures = ["a", "b", "c"].map((name) => at(`${name}.png`));
  for (const [n, picture] of pictures.entries()) {
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * (n + 3) * 29) % 256);
    await writeFile(picture, encodePicturePng({ width: 16, height: 16, data }));
  }
  const predict = async (output: string, files: readonly string[], ...more: string[]) => {
    const { code, err } = await runCommand("predict", file, ...files, "--output", at(output), ...more);
    expect({ code, err }).toEqual({ code: 0, err: "" });
  };
  await predict("together", pictures);
  await predict("alone", [pictures[2]!]);
  await predict("other", [pictures[2]!], "--seed", "5");
  const mask = (output: string) => readFile(join(at(output), "c.png"));
  expect(await mask("alone")).toEqual(await mask("together"));
  expect(await mask("other")).not.toEqual(await mask("together"));
}, 240_000);
