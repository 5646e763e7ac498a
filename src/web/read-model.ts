/** From a file's bytes to a network, without trusting them. */
import { type NamedArray, type NamedArrays, parseSafetensors } from "../arrays/index.js";
import { DataFormatError } from "../errors.js";
import { checkDescription } from "./check-description.js";
import { checkSteps } from "./check-steps.js";
import { isNumber, isObject, isWhole } from "./json-checks.js";
import { metadataKey, modelVersion, type WebModel } from "./model.js";

/** Errors name the file so, as bytes have no path. */
const named = "the network's file";

/**
 * A network from the bytes of its file.
 *
 * @throws DataFormatError if they are damaged, of another kind of file, or of a later version
 */
export function readModel(bytes: Uint8Array<ArrayBuffer>): WebModel {
  const { tensors: arrays, metadata } = parseSafetensors(bytes, named);
  const text = metadata[metadataKey];
  if (text === undefined) {
    throw new DataFormatError(
      `read ${named}: expected a network that "snnseg export --to web" wrote, received safetensors of something else; export the run`,
    );
  }
  const content = parsed(text);
  if (content.version !== modelVersion) {
    throw new DataFormatError(
      `read ${named}: expected version ${modelVersion}, received ${JSON.stringify(content.version)}; take the page or library that belongs to the file`,
    );
  }
  checkArrays(arrays);
  const { description, maps, steps, scores, grid } = content;
  const model = { description, maps, steps, scores, grid, arrays } as unknown as WebModel;
  if (!isMaps(maps)) throw damaged("its maps");
  if (grid !== undefined && !isGrid(grid)) throw damaged("the grid of its input");
  checkDescription(description, damaged);
  checkSteps(model, damaged);
  return model;
}

/** @param part - what is not as it should be */
const damaged = (part: string) =>
  new DataFormatError(
    `read ${named}: expected a whole file, received one in which ${part} cannot be; the file is damaged, export the run again`,
  );

function parsed(text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (isObject(content)) return content;
  } catch {
    // Reported below: the parser's own message shows content instead of a remedy.
  }
  throw damaged("the description");
}

function isMaps(maps: unknown): boolean {
  const isMap = (map: unknown) =>
    isObject(map) && (map.kind === "integers" || map.kind === "values") && isWhole(map.channels, 1, 65_535);
  return Array.isArray(maps) && maps.length > 0 && maps.every(isMap);
}

function isGrid(grid: unknown): boolean {
  return (
    isObject(grid) && isWhole(grid.most, 1, 2 ** 20) && isNumber(grid.step, 2 ** -40) && grid.step <= 2 ** 40
  );
}

function checkArrays(arrays: NamedArrays): void {
  const isGood = ({ dtype, data }: NamedArray) =>
    dtype === "int8"
      ? (data as Int8Array).every((q) => q > -128)
      : (data as Float32Array).every(Number.isFinite);
  for (const [name, array] of arrays) {
    if (array.dtype !== "int8" && array.dtype !== "float32") throw damaged(`the type of ${name}`);
    if (!isGood(array)) throw damaged(`a value of ${name}`);
  }
}
