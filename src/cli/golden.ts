#!/usr/bin/env node
/** `npm run golden -- DIR`: checks every golden case in a folder and prints how far our numbers lie from them. */
import { setThreads } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { checkCase, listCases } from "../golden/index.js";
import { describeError, exitCodeOf } from "./terminal/describe-error.js";

async function main(args: readonly string[]): Promise<void> {
  const folder = args.find((arg) => !arg.startsWith("-"));
  const only = args.filter((arg) => arg.startsWith("--only=")).map((arg) => arg.slice("--only=".length));
  if (folder === undefined)
    throw new OptionError("golden: expected a folder of cases, received none; npm run golden -- DIR");
  setThreads();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  console.log(
    `${"case".padEnd(28)} ${"kind".padEnd(16)} ${"largest abs".padStart(12)} ${"relative".padStart(10)}`,
  );
  for (const path of await listCases(folder)) {
    if (only.length > 0 && !only.some((name) => path.endsWith(`${name}.json`))) continue;
    const { id, kind, outcome, largestAbsolute, largestRelative, notes } = await checkCase(path);
    counts[outcome]++;
    const figures = `${largestAbsolute.toExponential(2).padStart(12)} ${largestRelative.toExponential(2).padStart(10)}`;
    console.log(
      `${id.padEnd(28)} ${kind.padEnd(16)} ${outcome === "skipped" ? "".padStart(23) : figures}  ${outcome}`,
    );
    for (const note of notes.slice(0, 10)) console.log(`    ${note}`);
    if (notes.length > 10) console.log(`    … and ${notes.length - 10} more`);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (counts.failed > 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(describeError(error, { debug: process.argv.includes("--debug") }));
  process.exitCode = exitCodeOf(error);
}
