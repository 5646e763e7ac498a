/** From a picture to its classes. */
import type { Config } from "../../config/index.js";
import { fitPicture } from "../../datasets/index.js";
import { argmax, narrow, noGrad, resizeBilinear, scope, toDType } from "../../engine/index.js";
import { type LabelMap, type RgbImage, resizeLabels } from "../../images/index.js";
import { encodeInput, type InputOptions } from "../../training/index.js";
import type { Forward } from "../precision.js";

/** Above this many scores at the picture's own size, classes are enlarged instead of scores. */
const MOST_SCORES = 2 ** 27;

export interface LabelOptions {
  readonly config: Config;
  readonly input: InputOptions;
  /** Of Poisson coding. */
  readonly seed: number;
}

/** The class of every pixel, at the picture's own size: scores are enlarged bilinearly, then the largest wins. */
export function labelPicture(forward: Forward, picture: RgbImage, options: LabelOptions): LabelMap {
  const { config, input, seed } = options;
  const { imgSize: size, preprocessing, fit } = config;
  const fitted = fitPicture(picture, { size, preprocessing, fit: fit ?? undefined });
  const [top, left, rows, columns] = fitted.region;
  const { height, width } = picture;
  return scope("label picture", () =>
    noGrad(() => {
      const batch = {
        images: fitted.input as Float32Array<ArrayBuffer>,
        shape: [1, 3, ...size],
        labels: new Uint8Array(),
        labelShape: [1, ...size] as const,
        ids: [""],
      };
      const { logits } = forward.run(encodeInput(batch, input, () => seed));
      const inside = narrow(narrow(logits, 2, top, rows), 3, left, columns);
      const large = (logits.shape[1] ?? 1) * height * width > MOST_SCORES;
      const scores = large ? inside : resizeBilinear(inside, [height, width]);
      const data = toDType(argmax(scores, 1), "uint8").toArray() as Uint8Array;
      return large
        ? resizeLabels({ height: rows, width: columns, data }, [height, width])
        : { height, width, data };
    }),
  );
}
