/** What files hold never speaks to the terminal. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../../tests/saved-network.js";
import { writeSafetensors } from "../../serialization/index.js";
import { visible } from "./visible.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-visible-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("shows control characters and leaves all others", () => {
  expect(visible("a\x1b[31m\x07\r\x7f\x9b2J")).toBe("a\\x1b[31m\\x07\\x0d\\x7f\\x9b2J");
  expect(visible("line\n\ttab – ä ✓ 😀")).toBe("line\n\ttab – ä ✓ 😀");
});

describe("an array whose name holds escapes of a terminal", () => {
  const name = "w\x1b]0;owned\x07\x1b[2J";
  const array = { dtype: "float32", shape: [1], data: Float32Array.of(1) } as const;

  it.each(["inspect", "diff", "import"])("is shown by %s", async (command) => {
    const file = join(folder, "names.safetensors");
    const other = join(folder, "other.safetensors");
    await writeSafetensors(file, new Map([[name, array]]));
    await writeSafetensors(other, new Map());
    const words = { inspect: [file], diff: [file, other], import: [file, join(folder, "out")] }[command]!;
    const { out, err } = await runCommand("checkpoint", command, ...words);
    for (const character of "\x1b\x07") expect(out + err).not.toContain(character);
    if (command !== "import") expect(out).toContain("w\\x1b]0;owned\\x07\\x1b[2J");
  });
});
