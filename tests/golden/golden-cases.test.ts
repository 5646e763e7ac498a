/** Our numbers are those of the reference implementation. `npm run golden -- DIR` also prints how near they are. */
import { basename } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { goldenFolder, sharedGolden } from "../shared-data.js";
import { type CaseReport, checkCase } from "./check-case.js";
import { listCases } from "./golden-case.js";

const cases = sharedGolden === undefined ? [] : await listCases(sharedGolden);

describe.skipIf(cases.length === 0)("golden numbers of the reference (needs ../shared/golden)", () => {
  const reports: CaseReport[] = [];
  afterAll(() => {
    if (goldenFolder !== undefined) console.log(table(reports));
  });

  it("are there", () => expect(cases).not.toEqual([]));

  it.each(cases.map((path) => [basename(path, ".json"), path] as const))("%s", async (_, path) => {
    const report = await checkCase(path);
    reports.push(report);
    expect(report).toMatchObject({ outcome: "passed", notes: [] });
  });
});

function table(reports: readonly CaseReport[]): string {
  const row = (...[id, kind, absolute, relative, outcome]: readonly string[]) =>
    `${id!.padEnd(28)} ${kind!.padEnd(16)} ${absolute!.padStart(12)} ${relative!.padStart(10)}  ${outcome}`;
  const rows = reports.map(({ id, kind, largestAbsolute, largestRelative, outcome }) =>
    row(id, kind, largestAbsolute.toExponential(2), largestRelative.toExponential(2), outcome),
  );
  return [row("case", "kind", "largest abs", "relative", "outcome"), ...rows].join("\n");
}
