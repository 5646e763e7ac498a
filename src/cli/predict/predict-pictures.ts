/** Classes of pictures. */
import { join } from "node:path";
import { fitPicture } from "../../datasets/index.js";
import { scope } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { readPicture } from "../../images/index.js";
import { Progress } from "../progress.js";
import type { Terminal } from "../terminal.js";
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
  readonly json: Readonly<Record<string, unknown>>;
}

/** @throws OptionError, FileError or DataFormatError naming the picture that is wrong */
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
  const { forward, timesteps, config } = predictor;
  const { imgSize, preprocessing, fit } = config;
  const progress = new Progress(terminal.human, { label: "predict", total: files.length, unit: "images" });
  const pictures: PictureAnswer[] = [];
  for (const [index, picture] of files.entries()) {
    const image = await readPicture(picture);
    const size = [image.height, image.width] as const;
    const { input, region } = fitPicture(image, { size: imgSize, preprocessing, fit: fit ?? undefined });
    const answers = scope("picture", () => {
      const encoded = predictor.encode(input);
      if (words.anytime) return labelEachStep(forward, encoded, { timesteps, size, region });
      return [labelInput(forward, encoded, { size, region })];
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
    count: `${files.length} pictures`,
    json: { pictures },
  };
}
