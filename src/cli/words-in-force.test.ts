/** Words of commands that would change nothing are refused before anything is opened. */
import { expect, it } from "vitest";
import { runCommand } from "../../tests/saved-network.js";

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
