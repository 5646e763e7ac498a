/** Classes of one picture. */
import { fitPicture } from "../../datasets/index.js";
import { scope } from "../../engine/index.js";
import type { LabelMap, RgbImage } from "../../images/index.js";
import { labelEachStep, labelInput } from "./label-input.js";
import type { Predictor } from "./predictor.js";

/**
 * The class of every pixel, prepared as in training.
 *
 * @returns maps of the picture's size; several only where `anytime` asks for one after each timestep, the final one last
 */
export function labelPicture(
  predictor: Predictor,
  image: RgbImage,
  { anytime = false }: { readonly anytime?: boolean | undefined } = {},
): LabelMap[] {
  const { forward, timesteps, config } = predictor;
  const { imgSize, preprocessing, fit, labelPixel } = config;
  const { input, region } = fitPicture(image, { size: imgSize, preprocessing, fit: fit ?? undefined });
  return scope("picture", () => {
    const encoded = predictor.encode(input);
    const wanted = { size: [image.height, image.width] as const, region, labelPixel };
    return anytime
      ? labelEachStep(forward, encoded, { timesteps, ...wanted })
      : [labelInput(forward, encoded, wanted)];
  });
}
