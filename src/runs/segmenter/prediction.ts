/** The answer of a segmenter about one picture. */
import { encodePaletteMaskPng, encodePicturePng, type Rgb, type RgbImage } from "../../images/index.js";
import { overlayImage } from "../../report/index.js";
import { sharesOf } from "../predict/write-answer.js";

export class Prediction {
  /** The class of every pixel, `[height · width]`, as its place in `classes`. */
  readonly mask: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Names of the classes. */
  readonly classes: readonly string[];
  readonly colors: readonly Rgb[];
  /** The picture that was asked about, as RGB; of events, a drawing of them. */
  readonly image: RgbImage;

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
  readonly endUs: number;
  /** How many events were in it. */
  readonly events: number;

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
