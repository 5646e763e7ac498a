/** `snnseg checkpoint inspect`: what a file holds. */

import { openArrays, titleOf } from "../../runs/index.js";
import {
  describeArray,
  isReferenceLayout,
  type NamedArrays,
  pickleToJson,
  summarizeArrays,
} from "../../serialization/index.js";
import { formatCount, formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints arrays with their figures, and what lies beside them. */
export async function inspect(path: string, terminal: Terminal): Promise<void> {
  const opened = await openArrays(path);
  const arrays = summarizeArrays(opened.tensors);
  const elements = arrays.reduce((sum, row) => sum + row.elements, 0);
  const layout = isReferenceLayout(opened.tensors.keys()) ? "the reference's" : "ours";
  terminal.print(
    `${titleOf(opened)}: ${arrays.length} arrays, ${formatCount(elements)} elements, layout ${layout}`,
  );
  const figure = (value: number | undefined) => (value === undefined ? "–" : value.toPrecision(4));
  const rows = arrays.map((row) => [
    row.name,
    describeArray(row),
    ...[row.min, row.mean, row.max].map(figure),
    row.elements === 0 ? "–" : `${((100 * row.zeros) / row.elements).toFixed(1)} %`,
    row.notFinite === 0 ? "" : `${row.notFinite} not finite`,
  ]);
  terminal.print(formatTable([["array", "type", "min", "mean", "max", "zero", ""], ...rows], { left: 2 }));
  for (const [title, group] of [
    ["optimizer state", opened.optimizer],
    ["thresholds", opened.thresholds],
  ] as const) {
    if (group.size > 0) terminal.print(`${title}: ${group.size} arrays (${listNames(group)})`);
  }
  const beside = opened.meta ?? (pickleToJson(new Map(opened.others)) as object);
  for (const [key, value] of Object.entries(beside))
    terminal.print(`${key}: ${shorten(JSON.stringify(value))}`);
  terminal.result({
    file: opened.path,
    kind: opened.kind,
    layout: layout === "ours" ? "ours" : "reference",
    arrays,
    elements,
    optimizer: [...opened.optimizer.keys()],
    thresholds: [...opened.thresholds.keys()],
    meta: beside,
  });
}

function listNames(arrays: NamedArrays): string {
  const names = [...arrays.keys()];
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} …` : names.join(", ");
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)} …` : text;
}
