/** The formats that networks leave in: the one place that names them all. */
import type { ExportTarget } from "./export-target.js";
import { nirTarget } from "./nir/index.js";
import { onnxTarget } from "./onnx/index.js";
import { webNetworkTarget, webTarget } from "./web/index.js";

/** A format's name. */
export type ExportTargetName = "onnx" | "nir" | "web" | "web-network";

/** By the name that `--to` takes. */
export const exportTargets: Readonly<Record<ExportTargetName, ExportTarget>> = {
  onnx: onnxTarget,
  nir: nirTarget,
  web: webTarget,
  "web-network": webNetworkTarget,
};
