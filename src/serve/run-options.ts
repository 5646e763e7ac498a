/** The options of a run, read as they stand: any version of the program, or a stranger, may have written them. */
import type { RunRecord } from "../training/index.js";

/** Those that the page speaks of; `null` where the record has none, or something else. */
export function shownOptions(record: RunRecord | undefined) {
  const { model, arch, dataset, timesteps, epochs, evalEvery } = record?.options ?? {};
  return {
    ...{ model: textOf(model), arch: textOf(arch), dataset: textOf(dataset) },
    ...{ timesteps: numberOf(timesteps), epochs: numberOf(epochs), evalEvery: numberOf(evalEvery) },
  };
}

/** Name, value and source of every option that has a value. */
export function optionRows(
  record: RunRecord | undefined,
): (readonly [name: string, value: string, source: string])[] {
  const sources: Readonly<Record<string, string>> = record?.sources ?? {};
  return Object.entries(record?.options ?? {}).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
    return text === "" ? [] : [[name, text, String(sources[name] ?? "")] as const];
  });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
