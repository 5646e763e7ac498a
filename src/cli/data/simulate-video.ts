/** `snnseg data simulate --video`: events of a video's frames, as a recording. */
import { type ConfigKey, flagOf, type Layer, resolveConfig } from "../../config/index.js";
import { writeSimulatedVideo } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import type { CommandContext } from "../context.js";
import type { SimulateWords } from "./simulate.js";

/** Options of a camera over still pictures, which a video has no use for. */
const ofPictures: readonly ConfigKey[] = [
  ...(["root", "simulateFrom", "trainList", "evalList", "orientation", "labelPixel"] as const),
  ...(["cameraMotion", "windowUs"] as const),
];

/** @throws OptionError if an option is given that a video does not take */
export async function simulateVideo(
  layer: Layer,
  { words, context }: { readonly words: SimulateWords; readonly context: CommandContext },
): Promise<void> {
  const { video: folder = "", fps, masks, out, split, layout = "events" } = words;
  const { values } = layer;
  const foreign = [
    ...ofPictures.filter((key) => values[key] !== undefined).map(flagOf),
    ...(["frames", "limit"] as const).filter((key) => words[key] !== undefined).map((key) => `--${key}`),
  ][0];
  if (foreign !== undefined)
    throw refused(`no ${foreign}`, foreign, "leave it out; it belongs to still pictures");
  if (fps === undefined) throw refused("--fps", "none", "say how many frames there are a second");
  if (layout === "ddd17") {
    throw refused(
      "--layout events or dsec",
      layout,
      "make a recording and frames of it with snnseg data prepare",
    );
  }
  if (values.classes !== undefined && masks === undefined) {
    throw refused("--masks with --classes", "none", "name the folder of the masks, or leave --classes out");
  }
  const { config } = resolveConfig([{ ...layer, values: { ...values, dataset: "simulated", root: folder } }]);
  const { classes, imgSize: size, sensorModel, seed } = config;
  const terminal = context.terminal();
  const signal = context.interrupt();
  let stage: ReturnType<typeof terminal.stage> | undefined;
  const result = await writeSimulatedVideo(
    {
      ...{ folder, fps, sensorModel },
      ...(masks === undefined ? {} : { masks }),
      ...(classes === null ? {} : { classesFile: classes }),
      ...(values.imgSize === undefined ? {} : { size }),
    },
    {
      ...{ out, layout, seed, signal },
      ...(split === undefined ? {} : { split }),
      onFrame: (done, total) => {
        stage ??= terminal.stage({ label: "simulating", total, unit: "frames" }, { done: done - 1 });
        stage.itemsDone(1);
      },
    },
  );
  stage?.end();
  const { path, written, frames, labels, events } = result;
  const counted = written ? `${events} events of ${frames} frames` : "was there";
  terminal.print(`${path}: ${counted}${labels > 0 ? `, ${labels} with labels` : ""}`);
  terminal.result({ out, layout, ...result });
}

const refused = (expected: string, received: string, next: string) =>
  new OptionError(`data simulate --video: expected ${expected}, received ${received}; ${next}`);
