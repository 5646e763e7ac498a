/** `snnseg data simulate`: events of a moving camera over labelled pictures, as files. */
import type { Config } from "../../config/index.js";
import {
  availableSplits,
  type SimulatedLayout,
  type SimulatedSpec,
  usualSplits,
  writeSimulated,
} from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import { datasetSpecOf } from "../../training/index.js";
import type { CommandContext } from "../context.js";

export type SimulateWords = {
  readonly out: string;
  readonly layout?: SimulatedLayout;
  readonly split?: string;
  readonly frames?: number;
  readonly limit?: number;
  readonly video?: string;
  readonly fps?: number;
  readonly masks?: string;
};

/**
 * Writes the splits one after the other; what is there stays.
 *
 * @throws OptionError if an option is given that belongs to videos
 */
export async function simulate(
  config: Config,
  { words, context }: { readonly words: SimulateWords; readonly context: CommandContext },
): Promise<void> {
  const spec = datasetSpecOf(config) as SimulatedSpec;
  const { out, layout = "ddd17", frames = 1, limit } = words;
  for (const name of ["fps", "masks"] as const) {
    if (words[name] === undefined) continue;
    throw new OptionError(
      `data simulate: expected no --${name} without --video, received one; add --video DIR or leave it out`,
    );
  }
  const terminal = context.terminal();
  const signal = context.interrupt();
  const { evaluate } = usualSplits(spec);
  const splits = words.split === undefined ? await availableSplits(spec) : [words.split];
  const results = [];
  for (const split of splits) {
    // DDD17 and DSEC are scored on their test splits.
    const as = layout !== "events" && split === evaluate ? "test" : split;
    let stage: ReturnType<typeof terminal.stage> | undefined;
    const written = await writeSimulated(spec, {
      ...{ out, split, as, layout, frames, limit, seed: config.seed, signal },
      onPicture: (done, total) => {
        stage ??= terminal.stage(
          { label: `simulating ${split}`, total, unit: "pictures" },
          { done: done - 1 },
        );
        stage.itemsDone(1);
      },
    });
    stage?.end();
    const { pictures, events } = written;
    const kept = pictures > written.written ? `, ${pictures - written.written} were there` : "";
    terminal.print(`${split}: ${pictures} pictures${kept}, ${events} events, as ${as} in ${out}`);
    results.push({ split, as, ...written });
    signal.throwIfAborted();
  }
  terminal.print(`train on them with --dataset ${layout} --root ${out}`);
  terminal.result({ out, layout, frames, sensor: spec.imgSize, splits: results });
}
