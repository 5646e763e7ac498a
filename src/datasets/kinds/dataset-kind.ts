/**
 * One kind of data set, in one place: its options, splits, classes' colours, lists and frames. A new kind is a file that
 * defines one, and a line in `kinds/kinds.ts`.
 */
import { resolve } from "node:path";
import type { Rgb, Size } from "../../images/index.js";
import type { Needs, Option, Options, ValuesOf } from "../../options/index.js";
import type { KindSpec, MaskedSpec, PictureSpec } from "../core/dataset-spec.js";
import type { ExampleSource } from "../core/example-source.js";
import type { exampleOptions, sharedOptions } from "../core/shared-options.js";
import type { ListLayout } from "../lists/list-layout.js";
import type { EventFraming } from "../recordings/event-framing.js";
import type { eventOptions } from "../recordings/event-options.js";

type Shared = typeof sharedOptions & typeof eventOptions & typeof exampleOptions;

/** The values of the options that all kinds know. */
export type SharedValues = ValuesOf<Shared>;

/** Those of the shared options that mean something to a kind: always, or beside others. */
export type Taken = { readonly [K in keyof Shared]?: true | Needs };

/** The splits for training and for scoring. */
export interface UsualSplits {
  /** The split to train on. */
  readonly train: string;
  /** The split to score. */
  readonly evaluate: string;
}

/** Of a kind without options of its own. */
export type NoOptions = Readonly<Record<never, Option<unknown>>>;

export interface DatasetKind<Spec extends KindSpec = KindSpec, Own extends Options = NoOptions> {
  readonly name: Spec["name"];
  /** Photographs and other pictures of three colours, or frames of events. */
  readonly input: "pictures" | "events";
  /** Shared options that it takes; the others are refused. */
  readonly takes: Taken;
  /** Options that it alone has. */
  readonly options: Own;
  /**
   * Its spec as a run's options have it.
   *
   * @param sequence - frames of an example of a network that sees sequences, else 0
   */
  specOf(values: SharedValues & ValuesOf<Own>, sequence: number): Spec;
  /** Of data whose examples may be sequences: the spec with `frames` of them an example. */
  sequences?(spec: Spec, frames: number): Spec;
  /**
   * Opens a split.
   *
   * @param trusted - skips the check that all files exist and are sound, which another thread has made
   * @throws OptionError for wrong settings; FileError or DataFormatError naming the folder, list, line or file
   */
  open(spec: Spec, split: string, trusted: boolean): Promise<ExampleSource>;
  /** The splits that are used where none is asked for. */
  usualSplits(spec: Spec): UsualSplits;
  /** The splits that are there and worth a look; the lists that are there unless given. */
  splits?(spec: Spec): Promise<readonly string[]>;
  /** Where its lists lie and what their lines mean; absent where it has none. @throws FileError without the root */
  lists?(spec: Spec): ListLayout;
  /** The colours of a network's classes, without opening a split; `undefined` where nothing says them. */
  colors(spec: Spec, classes: number): Promise<readonly Rgb[] | undefined>;
  /** Of event data: how events become its frames, in its examples and in recordings without labels. */
  framing?(spec: Spec): EventFraming;
}

/** The shared options that photographs with lists take. */
export const listedPicturesTaken = {
  root: true,
  trainList: true,
  evalList: true,
  labelPixel: true,
  preprocessing: true,
  fit: true,
  orientation: true,
  augmentScale: { augment: ["scale-crop"] },
  augmentCrop: { augment: ["scale-crop"] },
} as const satisfies Taken;

/** What the specs of data sets in a folder have in common. */
export function placeOf({
  root,
  imgSize,
  labelPixel,
}: Pick<SharedValues, "root" | "imgSize" | "labelPixel">): Required<MaskedSpec> & {
  readonly root: string;
  readonly imgSize: Size;
} {
  return { root: resolve(root ?? "."), imgSize, labelPixel };
}

/** What the specs of photographs have in common. */
export function pictureWords({
  preprocessing,
  fit,
  orientation,
}: Pick<SharedValues, "preprocessing" | "fit" | "orientation">): Omit<
  PictureSpec,
  keyof KindSpec | "labelPixel"
> {
  return {
    preprocessing,
    ...(fit === null ? {} : { fit }),
    ...(orientation === null ? {} : { orientation }),
  };
}
