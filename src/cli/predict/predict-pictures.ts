/** Classes of pictures. */
import { join } from "node:path";
import { fitPicture } from "../../datasets/index.js";
import { scope } from "../../engine/index.js";
import { OptionError, SnnsegError } from "../../errors.js";
import { readPicture } from "../../images/index.js";
import { knownError } from "../known-error.js";
import { Progress } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { type Failed, failedJson } from "./failed-inputs.js";
import { labelEachStep, labelInput } from "./label-input.js";
import { pictureFiles, resultNames } from "./picture-files.js";
import type { PredictWords } from "./predict-words.js";
import type { Predictor } from "./predictor.js";
import { type Answer, largestShares, writeAnswer } from "./write-answer.js";

/** The answer about one picture. */
export interface PictureAnswer extends Answer {
  readonly picture: string;
  readonly size: readonly [number, number];
}

/** Rows of the result for people. */
export interface Results {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What was answered, such as `3 pictures`. */
  readonly count: string;
  /** What could not be read, which stopped none of the others. */
  readonly failed: readonly Failed[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** Pictures that cannot be read are passed over and listed. @throws OptionError, or FileError where nothing can be written */
export async function predictPictures(
  paths: readonly string[],
  predictor: Predictor,
  { words, terminal }: { readonly words: PredictWords; readonly terminal: Terminal },
): Promise<Results> {
  if (words.stream) {
    throw new OptionError(
      "--stream: expected a network of event frames, received one of pictures; leave it out",
    );
  }
  const files = await pictureFiles(paths);
  const names = resultNames(files);
  const { forward, timesteps, config, orientation } = predictor;
  const { imgSize, preprocessing, fit } = config;
  const progress = new Progress(terminal.human, { label: "predict", total: files.length, unit: "images" });
  const pictures: PictureAnswer[] = [];
  const failed: Failed[] = [];
  for (const [index, picture] of files.entries()) {
    const image = await readPicture(picture, { orientation }).catch(knownError);
    if (image instanceof SnnsegError) {
      failed.push({ input: picture, error: image });
      continue;
    }
    const size = [image.height, image.width] as const;
    const { input, region } = fitPicture(image, { size: imgSize, preprocessing, fit: fit ?? undefined });
    const answers = scope("picture", () => {
      const encoded = predictor.encode(input);
      const wanted = { size, region, labelPixel: config.labelPixel };
      if (words.anytime) return labelEachStep(forward, encoded, { timesteps, ...wanted });
      return [labelInput(forward, encoded, wanted)];
    });
    const answer = await writeAnswer(predictor, answers.at(-1)!, {
      name: join(words.output, names[index]!),
      image: words.overlay && image,
      steps: words.anytime && answers,
    });
    pictures.push({ picture, size, ...answer });
    if (!terminal.quiet) progress.itemsDone(1);
  }
  if (!terminal.quiet) progress.end();
  return {
    head: ["picture", "mask", "largest classes"],
    rows: pictures.map(({ picture, mask, shares }) => [picture, mask, largestShares(shares)]),
    count: `${pictures.length} pictures`,
    failed,
    json: { pictures, ...failedJson(failed) },
  };
}
