import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { LivePages } from "./live-pages.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-live-pages-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string, content = "") => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Pages of one byte, which say when they were made; `fails` names what cannot be. */
function counted({ fails = "" } = {}) {
  const made: string[] = [];
  let together = 0;
  const pages = new LivePages(async (checkpoint) => {
    expect(++together).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    together--;
    if (checkpoint === fails) throw new Error("cannot be");
    return Uint8Array.of(made.push(checkpoint));
  });
  const numberOf = async (checkpoint: string) => (await pages.of(checkpoint))[0];
  return { made, numberOf };
}

describe("live pages", () => {
  it("are made one after the other, and once for all who ask at the same time", async () => {
    const { made, numberOf } = counted();
    const [a, b] = [fileOf("a"), fileOf("b")];
    expect(await Promise.all([a, b, a, b].map(numberOf))).toEqual([1, 2, 1, 2]);
    expect(made).toEqual([a, b]);
  });

  it("are made anew when their checkpoint has changed", async () => {
    const { numberOf } = counted();
    const file = fileOf("changes", "1");
    expect(await numberOf(file)).toBe(1);
    expect(await numberOf(file)).toBe(1);
    fileOf("changes", "22");
    expect(await numberOf(file)).toBe(2);
  });

  it("are kept of the four that were asked for last", async () => {
    const { numberOf } = counted();
    const files = ["1", "2", "3", "4", "5"].map((name) => fileOf(name));
    const ask = async (...which: number[]) => {
      const numbers = [];
      for (const i of which) numbers.push(await numberOf(files[i - 1]!));
      return numbers;
    };
    expect(await ask(1, 2, 3, 4, 1, 5)).toEqual([1, 2, 3, 4, 1, 5]);
    expect(await ask(1, 3, 4, 5, 2)).toEqual([1, 3, 4, 5, 6]);
  });

  it("that could not be made are tried again, and keep no others back", async () => {
    const [good, bad] = [fileOf("good"), fileOf("bad")];
    const { numberOf } = counted({ fails: bad });
    await expect(numberOf(bad)).rejects.toThrow("cannot be");
    const [failed, made] = await Promise.allSettled([numberOf(bad), numberOf(good)]);
    expect(failed.status).toBe("rejected");
    expect(made).toMatchObject({ value: 1 });
  });
});
