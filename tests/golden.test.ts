import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkCase } from "../src/golden/index.js";
import { sharedGolden } from "./shared-data.js";

const cases = sharedGolden ? readdirSync(sharedGolden).filter((name) => name.endsWith(".json")) : [];

describe("golden numbers of the reference", () => {
  it.skipIf(cases.length > 0)("are not at hand: the folder ../shared/golden is missing", () => {});

  it.each(cases)("%s", async (name) => {
    const report = await checkCase(join(sharedGolden!, name));
    expect(report.notes.filter(() => report.outcome === "failed")).toEqual([]);
  });
});
