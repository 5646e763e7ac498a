/** `snnseg checkpoint diff`: two files, array by array. */

import { inOurLayout, openArrays, titleOf } from "../../runs/index.js";
import { diffArrays } from "../../serialization/index.js";
import { formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints what differs; files of different layouts are compared in ours. */
export async function diff(
  paths: readonly [string, string],
  terminal: Terminal,
  { all }: { readonly all: boolean },
): Promise<void> {
  const [first, second] = [await openArrays(paths[0]), await openArrays(paths[1])];
  const differences = diffArrays(inOurLayout(first), inOurLayout(second));
  const unequal = differences.filter(({ status }) => status !== "equal");
  const words = {
    equal: "equal",
    different: "values differ",
    type: "types differ",
    shape: "shapes differ",
    first: "only in the first",
    second: "only in the second",
  };
  const figure = (value: number | undefined) => (value === undefined ? "–" : value.toExponential(2));
  const rows = (all ? differences : unequal).map((row) => [
    row.name,
    words[row.status],
    row.first === row.second ? (row.first ?? "") : [row.first, row.second].filter(Boolean).join(" / "),
    figure(row.maxAbsolute),
    figure(row.maxRelative),
    row.differing === undefined ? "–" : `${row.differing}`,
  ]);
  terminal.print(
    `${titleOf(first)} and ${titleOf(second)}: ${unequal.length} of ${differences.length} arrays differ`,
  );
  if (rows.length > 0) {
    terminal.print(
      formatTable([["array", "", "type", "max |a−b|", "relative", "elements"], ...rows], { left: 3 }),
    );
  }
  // JSON has no infinity: a difference to NaN becomes null.
  terminal.result({ equal: unequal.length === 0, differing: unequal.length, arrays: differences });
}
