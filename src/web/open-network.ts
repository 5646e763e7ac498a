/** Opening a network on the fastest engine that there is. */
import { checkKeys, checkOneOf } from "../checks/web.js";
import { KernelNetwork } from "./kernel-network.js";
import { plainKernels } from "./kernels/plain-kernels.js";
import { wasmEngines, wasmKernels } from "./kernels/wasm-kernels.js";
import type { OpenWebOptions, WebNetwork } from "./network.js";
import { readModel } from "./read-model.js";

/** What can compute a network here, from the fastest on. */
export function webEngines(): WebNetwork["engine"][] {
  return [...wasmEngines(), "javascript"];
}

/**
 * A network from the bytes of a file that `snnseg export --to web` wrote.
 *
 * @param bytes - of the whole file; not kept
 * @param options - what computes it
 * @throws DataFormatError if the bytes are damaged or of another kind of file, OptionError for an engine that is refused here or if
 *   memory does not suffice
 * @example
 * ```ts
 * import { createModel } from "snnseg";
 * import { foldNetwork, writeWebModel } from "snnseg/export";
 * import { openWebNetwork } from "snnseg/web";
 *
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 4 });
 * const channels = [0, 1, 2].map((source) => ({ source, subtract: 0, divide: 255 }));
 * const bytes = writeWebModel(foldNetwork(model), {
 *   name: "example",
 *   classes: ["road", "sky"],
 *   colors: [[128, 64, 128], [70, 130, 180]],
 *   input: { kind: "picture", size: [24, 32], channels, fit: "stretch", encoding: "direct" },
 * });
 * model.dispose();
 * // From here on nothing needs libtorch.
 * const network = await openWebNetwork(bytes);
 * const frame = new Float32Array(3 * 24 * 32).fill(0.5);
 * for (let t = 0; t < network.description.timesteps; t++) network.step(t === 0 ? frame : undefined);
 * console.log(network.labels().length, network.activity().length); // 768 8
 * ```
 */
export async function openWebNetwork(
  bytes: Uint8Array | ArrayBuffer,
  options: OpenWebOptions = {},
): Promise<WebNetwork> {
  const operation = "openWebNetwork";
  checkKeys(operation, options, new Set(["engine"]));
  const model = readModel(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : new Uint8Array(bytes));
  const engines = webEngines();
  const { engine = engines[0]! } = options;
  checkOneOf(operation, "engine", engine, engines);
  const kernels = engine === "javascript" ? plainKernels() : await wasmKernels(engine);
  return new KernelNetwork(model, kernels, engine);
}
