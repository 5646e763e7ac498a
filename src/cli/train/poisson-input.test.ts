/** Training says what of its input Poisson coding cannot say. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../../../tests/saved-network.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-poisson-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ["poisson", "imagenet", true],
  ["direct", "imagenet", false],
  ["poisson", "unit", false],
])(
  "train with %s coding of %s pictures: warned %s",
  async (encoding, preprocessing, warned) => {
    const { code, err } = await runCommand(
      ...["train", "--dataset", "digits", "--img-size", "8", "--digits-train", "2", "--digits-val", "1"],
      ...["--epochs", "1", "--batch-size", "2", "--timesteps", "1", "--workers", "0", "--pictures", "0"],
      ...["--encoding", encoding, "--preprocessing", preprocessing],
      ...["--run", join(folder, `${encoding}-${preprocessing}`)],
    );
    expect(code).toBe(0);
    const warning =
      /warning: inputs reach [12]\.\d+, but Poisson coding cuts off at 1, which \d+ % .*--encoding direct/;
    expect(warning.test(err)).toBe(warned);
  },
  240_000,
);
