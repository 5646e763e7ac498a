/**
 * Reads the files of `torch.save` without PyTorch and without running anything in them.
 *
 * Two formats: since 1.6 a ZIP archive of a pickle and one file a storage; before, and still for torchvision's VGG
 * weights, five pickles in a row followed by the storages' bytes.
 */
import { DataFormatError } from "../../errors.js";
import { readFileBytes } from "../../files/index.js";
import type { PickleValue } from "./pickle-value.js";
import { isLegacyFile, parseLegacyFile } from "./torch-legacy.js";
import { parseTorchArchive } from "./torch-zip.js";

/** What a file holds, and in which format. */
export interface PytorchFile {
  /** What `torch.save` was given: often a state dict, or a dict around one. */
  readonly value: PickleValue;
  /** `"zip"` since PyTorch 1.6, `"legacy"` before. */
  readonly format: "zip" | "legacy";
}

/**
 * Reads a `.pth` or `.pt` file: tensors, dicts, OrderedDicts, lists, tuples, numbers, texts, bytes, and nothing else.
 * Tensors are views of the file's bytes where they can be.
 *
 * @param path - of any suffix
 * @throws FileError if it cannot be read; DataFormatError naming what was refused, if it holds anything else, is
 * damaged, or would need more time or memory than its size justifies
 * @example
 * import { findStateDict, readPytorch, writePytorch } from "snnseg/io";
 *
 * await writePytorch(
 *   "net.pth",
 *   new Map([["layer.weight", { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) }]]),
 * );
 * const { value, format } = await readPytorch("net.pth");
 * const { tensors } = findStateDict(value, "net.pth");
 * console.log(format, tensors.get("layer.weight")?.data); // "zip" [1, 2]
 */
export async function readPytorch(path: string): Promise<PytorchFile> {
  return parsePytorch(await readFileBytes(path), path);
}

/**
 * The same for a file held in memory.
 *
 * @param bytes - the whole file; tensors of the result may be views of them
 * @param path - for messages
 * @throws DataFormatError as {@link readPytorch} does
 */
export function parsePytorch(bytes: Uint8Array<ArrayBuffer>, path: string): PytorchFile {
  if (isLegacyFile(bytes)) return { value: parseLegacyFile(bytes, path), format: "legacy" };
  if (isZip(bytes)) return { value: parseTorchArchive(bytes, path), format: "zip" };
  const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  throw new DataFormatError(
    `read ${path}: expected a file of torch.save (ZIP or its older pickle format), received one that begins with ` +
      `${start || "nothing"}; save it again with torch.save(model.state_dict(), path)`,
  );
}

/**
 * Whether a file begins as one of PyTorch's; 16 bytes are enough to tell.
 *
 * @param start - the file's first bytes
 */
export function isPytorchFile(start: Uint8Array): boolean {
  return isLegacyFile(start) || isZip(start);
}

function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte);
}
