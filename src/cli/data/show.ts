/** `snnseg data show`: examples, or the events of recordings, as a picture. */
import { basename } from "node:path";
import { availableSplits, type DatasetSpec, datasetKind, sequenceKinds } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import { writeFileAtomic } from "../../files/index.js";
import { checkAnimationName, encodeAnimation } from "../../images/index.js";
import { pictureGridSvg, svgToPng } from "../../report/index.js";
import { splitsOf } from "../../training/index.js";
import { inlinePicture } from "../terminal/inline-picture.js";
import type { Terminal } from "../terminal/terminal.js";
import { type ChosenData, isLabelled } from "./chosen-data.js";
import { examplesShown } from "./shown-examples.js";
import { recordingsShown } from "./shown-recordings.js";

export type ShowWords = {
  readonly split?: string;
  readonly picture?: string;
  readonly animation?: string;
  readonly sequence?: number;
};

/** Draws, writes and prints the path. */
export async function show(
  data: ChosenData,
  { words, terminal }: { readonly words: ShowWords; readonly terminal: Terminal },
): Promise<void> {
  if (words.animation !== undefined) checkAnimationName(words.animation);
  const spec = withSequence(data.spec, words.sequence);
  const isRaw = spec.name === "events" && !isLabelled(spec, words.split);
  if (isRaw && data.given.has("examples")) {
    throw new OptionError(
      "--examples: expected labelled examples, received recordings without; leave it out, or add --split NAME",
    );
  }
  const split = isRaw ? "" : (words.split ?? (await usualSplit(data, spec)));
  const moves = words.animation !== undefined;
  const shown = isRaw
    ? await recordingsShown(spec.root, { data, moves, terminal })
    : await examplesShown(spec, { split, data, moves, terminal });
  const path = words.picture ?? `${isRaw ? basename(spec.root) : `${spec.name}-${split}`}.png`;
  const png = await svgToPng(pictureGridSvg(shown.grid), { scale: 1.5 });
  await writeFileAtomic(path, png);
  if (words.animation !== undefined) {
    if (shown.animation === undefined) {
      throw new OptionError(
        `--animation: expected sequences or recordings, received the still examples of ${spec.name}; ` +
          "leave it out, or add --sequence T to --dataset ddd17",
      );
    }
    const { frames, delayMs } = shown.animation;
    await writeFileAtomic(words.animation, await encodeAnimation(frames, { path: words.animation, delayMs }));
  }
  const inline = terminal.human.isTTY && !terminal.json ? inlinePicture(png, process.env) : undefined;
  if (inline !== undefined) terminal.human.write(inline);
  terminal.print(`picture ${path}`);
  if (words.animation !== undefined) terminal.print(`animation ${words.animation}`);
  const animation = words.animation === undefined ? {} : { animation: words.animation };
  terminal.result({
    dataset: spec.name,
    ...(isRaw ? {} : { split }),
    ...shown.facts,
    picture: path,
    ...animation,
  });
}

function withSequence(spec: DatasetSpec, sequence: number | undefined): DatasetSpec {
  if (sequence === undefined) return spec;
  const { sequences } = datasetKind(spec);
  if (sequences !== undefined) return sequences(spec, sequence) as DatasetSpec;
  throw new OptionError(
    `--sequence: expected --dataset ${sequenceKinds.join(" or ")}, received --dataset ${spec.name}; leave --sequence out`,
  );
}

/** The split that scoring uses where it is there, else one that is. */
async function usualSplit({ config }: ChosenData, spec: DatasetSpec): Promise<string> {
  const { evaluate } = splitsOf(config);
  const present = await availableSplits(spec);
  return present.includes(evaluate) ? evaluate : present[0]!;
}
