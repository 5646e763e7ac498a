/** The formats that networks leave in: the one place that names them all. */
import type { ExportTarget } from "./export-target.js";
import { onnxTarget } from "./onnx/index.js";

/** By the name that `--to` takes. */
export const exportTargets = { onnx: onnxTarget } as const satisfies Readonly<Record<string, ExportTarget>>;

/** A format's name. */
export type ExportTargetName = keyof typeof exportTargets;
