/** Which kernels compute a network, and why. */
import { type ExplainedLayer, instructionSet } from "../../inference/index.js";
import { formatPercent, formatTable } from "./format.js";

/** A table of layers, and the reason of each kernel. */
export function explainLines(layers: readonly ExplainedLayer[]): string {
  const rows = layers.map(({ name, form, weightBytes, density }) => [
    ...[name, form, (weightBytes / 2 ** 10).toFixed(0)],
    density === undefined ? "" : formatPercent(density),
  ]);
  const why = [...new Map(layers.map(({ form, reason }) => [form, `${form}: ${reason}`])).values()];
  const table = formatTable([["layer", "kernel", "weights, KiB", "fires"], ...rows], { left: 2 });
  return [table, `instructions: ${instructionSet()}`, ...why].join("\n");
}
