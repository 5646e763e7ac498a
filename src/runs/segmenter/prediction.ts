/** The answer of a segmenter about one picture. */
import { encodePaletteMaskPng, encodePicturePng, type Rgb, type RgbImage } from "../../images/index.js";
import { overlayImage } from "../../report/index.js";
import { sharesOf } from "../predict/write-answer.js";

/**
 * What a segmenter says about a picture: a class for every pixel.
 *
 * @example
 * import { Prediction } from "snnseg";
 *
 * const image = { height: 1, width: 3, data: new Uint8Array(9) };
 * const palette = { classes: ["ground", "cell"], colors: [[0, 0, 0], [255, 0, 0]] } as const;
 * const prediction = new Prediction({ mask: Uint8Array.of(0, 1, 1), image }, palette);
 * console.log(prediction.shares.cell); // 0.6666666666666666
 * console.log(prediction.toOverlayPng().length);
 */
export class Prediction {
  /** The class of every pixel, `[height · width]`, as its place in `classes`. */
  readonly mask: Uint8Array;
  /** Of mask and picture, in pixels. */
  readonly height: number;
  /** Of mask and picture, in pixels. */
  readonly width: number;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** A colour for each class, 0 … 255. */
  readonly colors: readonly Rgb[];
  /** The picture that was asked about, as RGB; of events, a drawing of them. */
  readonly image: RgbImage;

  /**
   * @param labelled - `mask`: the class of every pixel, `[height · width]`; `image`: the picture, of the same size
   * @param palette - a name and a colour for each class
   */
  constructor(
    { mask, image }: { readonly mask: Uint8Array; readonly image: RgbImage },
    { classes, colors }: { readonly classes: readonly string[]; readonly colors: readonly Rgb[] },
  ) {
    this.mask = mask;
    this.height = image.height;
    this.width = image.width;
    this.classes = classes;
    this.colors = colors;
    this.image = image;
  }

  /** Share of the pixels by name of class, of those that occur. */
  get shares(): Readonly<Record<string, number>> {
    const { height, width, mask } = this;
    return sharesOf({ height, width, data: mask }, this.classes);
  }

  /** The mask as a PNG with a palette, as `snnseg predict` writes it. */
  toMaskPng(): Uint8Array {
    const { height, width, mask } = this;
    return encodePaletteMaskPng({ height, width, data: mask }, this.colors);
  }

  /** The picture with its classes laid over it, as a PNG. */
  toOverlayPng(): Uint8Array {
    return encodePicturePng(overlayImage(this.image, { labels: this.mask, colors: this.colors }));
  }
}

/** The answer about a window of a recording. */
export class WindowPrediction extends Prediction {
  /** The window `startUs` ≤ t < `endUs`, in microseconds. */
  readonly startUs: number;
  /** Where the window ends, in microseconds. */
  readonly endUs: number;
  /** How many events were in it. */
  readonly events: number;

  /**
   * @param window - mask and drawing of the window, its time, and how many events were in it
   * @param palette - a name and a colour for each class
   */
  constructor(
    window: ConstructorParameters<typeof Prediction>[0] &
      Pick<WindowPrediction, "startUs" | "endUs" | "events">,
    palette: ConstructorParameters<typeof Prediction>[1],
  ) {
    super(window, palette);
    this.startUs = window.startUs;
    this.endUs = window.endUs;
    this.events = window.events;
  }
}
