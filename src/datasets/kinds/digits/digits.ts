/**
 * Handwritten digits on textured or photographic backgrounds: class 0 is the background, class d + 1 the digit d.
 *
 * With CIFAR-10 backgrounds this is a benchmark of the kind the paper's journal version names, whose exact
 * composition was never published; here every choice is an option. An example is a function of the composition's
 * seed, the split and its number, so nothing is stored.
 */
import { OptionError } from "../../../errors.js";
import { type Rgb, resizePlanes } from "../../../images/index.js";
import { Draws, derive } from "../../../random/index.js";
import type { KindSpec, PictureSpec } from "../../core/dataset-spec.js";
import type { ExampleSource } from "../../core/example-source.js";
import type { PreparedRecord } from "../../core/record.js";
import { distinctColors } from "../../masks/distinct-colors.js";
import { picturePreparation } from "../../prepare/picture-preparation.js";
import type { DatasetKind } from "../dataset-kind.js";
import { openCifar10 } from "./cifar10.js";
import { checkComposition, compose } from "./compose.js";
import { digitOptions, mostDigits } from "./digit-options.js";
import { openDigitPool } from "./digit-pool.js";
import { textureBackground } from "./texture.js";

/**
 * Handwritten digits on textures or photographs, composed while reading: class 0 is the background, class d + 1 the
 * digit d.
 */
export interface DigitsSpec extends KindSpec, Pick<PictureSpec, "preprocessing"> {
  /** Which kind of data set. */
  readonly name: "digits";
  /** Folder with MNIST's IDX files; default: the digits that come with the package. */
  readonly mnist?: string;
  /** Folder with CIFAR-10's binary files as backgrounds; default: generated textures. */
  readonly cifar10?: string;
  /** Examples of `train` (default 2,000). */
  readonly trainSize?: number;
  /** Examples of `val` (default 400). */
  readonly valSize?: number;
  /** Fewest and most digits of an example; default [1, 2]. */
  readonly digits?: readonly [number, number];
  /** Longer side of a digit, as shares of the image's shorter side; default [0.5, 0.8]. */
  readonly scale?: readonly [number, number];
  /** Largest share of a digit's box that may lie under or over another's; default 0.2. */
  readonly overlap?: number;
  /** Who covers whom where digits overlap; default `"last"`. */
  readonly occlusion?: "first" | "last" | "random";
  /** Seed of the compositions, not of training; default 0. */
  readonly seed?: number;
}

const digitsClasses: readonly string[] = ["background", ..."0123456789"];
const digitsColors: readonly Rgb[] = [[0, 0, 0], ...distinctColors(10)];

/**
 * Opens the split `train` or `val`; no handwritten digit and no CIFAR-10 picture is in both.
 *
 * @throws OptionError if a composition option is out of range or the split unknown
 */
async function openDigits(spec: DigitsSpec, split: string): Promise<ExampleSource> {
  const { digits = [1, 2], scale = [0.5, 0.8], overlap = 0.2, occlusion = "last" } = spec;
  const composition = { digits, scale, overlap, occlusion };
  checkComposition(composition);
  if (split !== "train" && split !== "val") {
    throw new OptionError(
      `open digits: expected the split train or val, received "${split}"; choose one of them`,
    );
  }
  const training = split === "train";
  const length = training ? (spec.trainSize ?? 2000) : (spec.valSize ?? 400);
  if (!Number.isInteger(length) || length < 1 || length > mostDigits) {
    throw new OptionError(
      `open digits: expected 1 to ${mostDigits} examples, received a size of ${length}; correct it`,
    );
  }
  const pool = await openDigitPool(spec.mnist, training);
  const photos = spec.cifar10 === undefined ? undefined : await openCifar10(spec.cifar10, training);
  const size = spec.imgSize;

  const prepare = async (record: number): Promise<PreparedRecord> => {
    const seed = derive(spec.seed ?? 0, "digits", split, record);
    const background =
      photos === undefined
        ? textureBackground(size, derive(seed, "background"))
        : resizePlanes(photos.picture(new Draws(derive(seed, "background")).integer(photos.count)), size);
    return compose(background, pool, { composition, draws: new Draws(seed) });
  };
  return {
    ...{ name: "digits", split, classes: digitsClasses, colors: digitsColors, channels: 3, frames: 0, size },
    voidIds: [],
    length,
    records: length,
    id: (index) => `${split}-${String(index).padStart(5, "0")}`,
    recordsOf: (index) => [index],
    prepare,
    stored: async (record) => {
      const { values, label } = await prepare(record);
      const [height, width] = size;
      return {
        values: { channels: 3, height, width, data: values },
        labels: { height, width, data: label },
      };
    },
    toNoiseScale: (values) => values,
    normalise: picturePreparation(spec).normalise,
  };
}

export const digits: DatasetKind<DigitsSpec, typeof digitOptions> = {
  name: "digits",
  input: "pictures",
  takes: { preprocessing: true },
  options: digitOptions,
  specOf: (values) => ({
    ...{ name: "digits", imgSize: values.imgSize, preprocessing: values.preprocessing },
    ...(values.mnist === null ? {} : { mnist: values.mnist }),
    ...(values.cifar10 === null ? {} : { cifar10: values.cifar10 }),
    ...{ trainSize: values.digitsTrain, valSize: values.digitsVal, seed: values.digitSeed },
    digits: values.digitCount,
    scale: values.digitScale,
    ...{ overlap: values.digitOverlap, occlusion: values.digitOcclusion },
  }),
  open: openDigits,
  usualSplits: () => ({ train: "train", evaluate: "val" }),
  splits: async () => ["train", "val"],
  colors: async () => digitsColors,
};
