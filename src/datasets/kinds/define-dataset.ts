/** A data set of the user's own, given as functions. */
import { checkInteger, refuse } from "../../checks/index.js";
import { DataFormatError, ShapeError } from "../../errors.js";
import type { Rgb, Size } from "../../images/index.js";
import { maxClasses, voidLabel } from "../../metrics/index.js";
import type { SegmentationDataset } from "../core/dataset.js";
import type { Preprocessing } from "../core/dataset-spec.js";
import { datasetOf } from "../core/example-source.js";
import type { PreparedRecord } from "../core/record.js";
import { distinctColors } from "../masks/distinct-colors.js";
import { picturePreparation } from "../prepare/picture-preparation.js";

/** One example as a definition's `read` gives it. */
export interface DefinedExample {
  /** `[C, H, W]`; of three channels red, green and blue, 0 … 255. */
  readonly image: Float32Array | Uint8Array;
  /** `[H, W]`: the number of each pixel's class, or 255 for void. */
  readonly label: Uint8Array;
}

/** What {@link defineDataset} needs. */
export interface DatasetDefinition {
  /** The classes' names: label k is the k-th; at most 255. */
  readonly classes: readonly string[];
  /** Height and width of every example. */
  readonly size: Size;
  /** Number of examples. */
  readonly length: number;
  /**
   * One example. The same number has to give the same example, as it may be kept; examples of a batch are asked for
   * at once.
   *
   * @param index - 0 … length − 1
   */
  read(index: number): DefinedExample | Promise<DefinedExample>;
  /** Channels C; default 3. */
  readonly channels?: number;
  /** From 0 … 255 to what a network sees; default `"paper"` of three channels, else `"none"`: values as they are. */
  readonly preprocessing?: Preprocessing | "none";
  /** One a class; default: colours that stay apart. */
  readonly colors?: readonly Rgb[];
  /** For messages and reports; default `"own"`. */
  readonly name?: string;
  /** Default `"all"`. */
  readonly split?: string;
}

/**
 * Makes a data set of functions, for `createLoader` and wherever an opened data set is taken. Augmentation, noise and
 * the cache are the loader's, as for other data sets; its `read` runs in the thread that asks, as functions cannot go to
 * worker threads.
 *
 * @param definition - checked here; its `read` is called for every example that is asked for
 * @throws OptionError for a wrong definition. Reading throws ShapeError for an image or a label of another size, and
 * DataFormatError for a value that is not finite or a label that is no class, naming the example
 * @example
 * import { createLoader, defineDataset } from "snnseg";
 *
 * const dots = defineDataset({
 *   classes: ["ground", "dot"],
 *   size: [16, 16],
 *   length: 100,
 *   read: (index) => ({
 *     image: Uint8Array.from({ length: 3 * 256 }, (_, i) => (i % 256 === index ? 255 : 0)),
 *     label: Uint8Array.from({ length: 256 }, (_, i) => (i === index ? 1 : 0)),
 *   }),
 * });
 * const loader = await createLoader(dots, { batchSize: 8, shuffle: true });
 * console.log(loader.batchCount); // 13
 */
export function defineDataset(definition: DatasetDefinition): SegmentationDataset {
  checkDefinition(definition);
  const { classes, size, length, channels = 3, name = "own", split = "all" } = definition;
  const { colors = distinctColors(classes.length) } = definition;
  const { preprocessing = channels === 3 ? "paper" : "none" } = definition;
  const [height, width] = size;
  const prepare = async (index: number): Promise<PreparedRecord> => {
    const { image, label } = await definition.read(index);
    checkExample({ image, label }, definition, `read ${name} ${split}, example ${index}`);
    return { values: image instanceof Float32Array ? image : Float32Array.from(image), label };
  };
  return datasetOf(
    {
      ...{ name, split, classes, colors, channels, frames: 0, size, length, voidIds: [voidLabel] },
      records: length,
      id: String,
      recordsOf: (index) => [index],
      prepare,
      async stored(index) {
        const { values, label } = await prepare(index);
        return { values: { channels, height, width, data: values }, labels: { height, width, data: label } };
      },
      toNoiseScale: (values) => values,
      normalise:
        preprocessing === "none"
          ? ({ data }) => data
          : picturePreparation({ imgSize: size, preprocessing }).normalise,
    },
    {},
  );
}

function checkDefinition(definition: DatasetDefinition): void {
  const operation = "defineDataset";
  const { classes, size, length, channels = 3, preprocessing = "none", colors, read } = definition;
  if (!Array.isArray(classes) || classes.length === 0 || classes.length > maxClasses) {
    refuse(operation, "classes", `1 to ${maxClasses} names`, classes);
  }
  if (!Array.isArray(size) || size.length !== 2) refuse(operation, "size", "[height, width]", size);
  for (const side of size) checkInteger(operation, "size", side, { most: 8192 });
  checkInteger(operation, "length", length);
  checkInteger(operation, "channels", channels);
  if (typeof read !== "function") refuse(operation, "read", "a function", read);
  if (preprocessing !== "none" && channels !== 3) {
    refuse(operation, "preprocessing", `"none" for ${channels} channels`, preprocessing);
  }
  if (colors !== undefined && colors.length !== classes.length) {
    refuse(operation, "colors", `one for each of ${classes.length} classes`, colors);
  }
}

function checkExample(
  { image, label }: DefinedExample,
  { classes, size: [height, width], channels = 3 }: DatasetDefinition,
  operation: string,
): void {
  const pixels = height * width;
  if (image.length !== channels * pixels || label.length !== pixels) {
    throw new ShapeError(
      `${operation}: expected an image of ${channels}x${height}x${width} = ${channels * pixels} values and a label of ${height}x${width} = ${pixels}, received ${image.length} and ${label.length}; correct read`,
    );
  }
  const strange = image.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0) {
    throw new DataFormatError(
      `${operation}: expected finite values, received ${image[strange]} as value ${strange}; correct read`,
    );
  }
  const wrong = label.findIndex((id) => id >= classes.length && id !== voidLabel);
  if (wrong >= 0) {
    throw new DataFormatError(
      `${operation}: expected labels 0 to ${classes.length - 1}, or ${voidLabel} for void, received ${label[wrong]} at column ${wrong % width}, row ${Math.floor(wrong / width)}; correct read`,
    );
  }
}
