/** Classes of pictures. */
import { join } from "node:path";
import { OptionError, SnnsegError } from "../../errors.js";
import { readPicture } from "../../images/index.js";
import { stageOf } from "../listener.js";
import type { Failed } from "./failed-inputs.js";
import { knownError } from "./known-error.js";
import { labelPicture } from "./label-picture.js";
import { checkKept, pictureFiles, resultNames } from "./picture-files.js";
import type { PredictOptions } from "./predict-options.js";
import type { Predictor } from "./predictor.js";
import { type Answer, answerPaths, writeAnswer } from "./write-answer.js";

/** The answer about one picture. */
export interface PictureAnswer extends Answer {
  /** Its path. */
  readonly picture: string;
  /** Its height and width, which the masks have too. */
  readonly size: readonly [number, number];
}

/**
 * Finds the class of every pixel of pictures, and writes masks of their size.
 *
 * @param paths - pictures, and folders with them
 * @param predictor - of a network of pictures; `stepwise` where answers before the last timestep are wanted
 * @param options - where to write, and what beside the masks
 * @returns the answers, and the pictures that could not be read, which stop none of the others
 * @throws OptionError if a folder holds no picture, or a result would replace a picture; FileError if a path is not there or nothing can be written
 * @example
 * // not run: needs a run folder
 * import { openPredictor, predictPictures } from "snnseg/runs";
 *
 * const predictor = await openPredictor("runs/my-snn");
 * const { pictures, failed } = await predictPictures(["photos"], predictor, { output: "masks", overlay: true });
 * for (const { picture, mask, shares } of pictures) console.log(picture, mask, shares);
 * for (const { input, error } of failed) console.error(input, error.message);
 * predictor[Symbol.dispose]();
 */
export async function predictPictures(
  paths: readonly string[],
  predictor: Predictor,
  { output, overlay, anytime, stream, listener = {} }: PredictOptions,
): Promise<{
  /** In the order of the paths. */
  readonly pictures: readonly PictureAnswer[];
  /** Empty where all could be read. */
  readonly failed: readonly Failed[];
}> {
  if (stream) {
    throw new OptionError(
      "--stream: expected a network of event frames, received one of pictures; leave it out",
    );
  }
  const files = await pictureFiles(paths);
  const names = resultNames(files).map((name) => join(output, name));
  const steps = Array.from({ length: anytime ? predictor.timesteps : 0 }, (_, t) => t + 1);
  const results = names.map(answerPaths).flatMap(({ mask, overlay: laidOver, stepMask }) => {
    return [mask, ...(overlay ? [laidOver] : []), ...steps.map(stepMask)];
  });
  await checkKept(files, results);
  const { orientation } = predictor;
  const stage = stageOf(listener, { label: "predict", total: files.length, unit: "images" });
  const pictures: PictureAnswer[] = [];
  const failed: Failed[] = [];
  for (const [index, picture] of files.entries()) {
    const image = await readPicture(picture, { orientation }).catch(knownError);
    if (image instanceof SnnsegError) {
      failed.push({ input: picture, error: image });
      continue;
    }
    const size = [image.height, image.width] as const;
    const answers = labelPicture(predictor, image, { anytime });
    const answer = await writeAnswer(predictor, answers.at(-1)!, {
      name: names[index]!,
      image: overlay ? image : undefined,
      steps: anytime ? answers : undefined,
    });
    pictures.push({ picture, size, ...answer });
    stage.itemsDone(1);
  }
  stage.end();
  return { pictures, failed };
}
