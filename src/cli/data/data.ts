/** `snnseg data`: looking at data sets and recordings, making their lists, preparing them. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { suggestion } from "../../checks/index.js";
import { resolveConfig } from "../../config/index.js";
import { simulatedLayouts } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import type { CommandContext } from "../context.js";
import { addConfigFlags, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { positiveInteger } from "../flags/positive-integer.js";
import { dataKeys, givenData, listKeys, pictureKeys, prepareKeys, simulateKeys } from "./chosen-data.js";
import type { SimulateWords } from "./simulate.js";

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "data stats --dataset voc2012 --root VOC2012",
    "data show --dataset events --root recording.aedat4 --animation events.gif",
    "data prepare rec1487339175.hdf5 --labels labels/ --out ddd17/",
    "data simulate --root mydata --img-size 200x346 --out events/",
  );
  command.description(
    "Looks at data sets and event recordings, makes and checks their lists, prepares recordings for training, and simulates events of labelled pictures.",
  );
  command.allowExcessArguments().action(() => {
    const [word] = command.args;
    if (word === undefined) command.help();
    const known = command.commands.map((each) => each.name());
    throw new OptionError(`data: expected a command, received ${word}; ${suggestion(word, known)}`);
  });
  defineStats(command, context);
  defineShow(command, context);
  defineLists(command, context);
  definePrepare(command, context);
  defineSimulate(command, context);
}

function defineStats(parent: Command, context: CommandContext): void {
  const command = parent
    .command("stats")
    .description(
      "Counts examples, sizes, pixels of each class and values; of recordings (--dataset events) events and their rate.",
    )
    .option("--split <NAME>", "the split to count; all that training and scoring use unless given")
    .option(
      "--picture <FILE>",
      "write a plot of the class shares, or of the events over time, to a PNG file",
    );
  addExamples(
    command,
    "data stats --dataset voc2012 --root VOC2012 --picture classes.png",
    "data stats --dataset events --root recording.aedat4 --json",
  );
  addConfigFlags(command, dataKeys).action(async (words: { split?: string; picture?: string }) => {
    const { stats } = await import("./stats.js");
    await stats(givenData(command, dataKeys), { words, terminal: context.terminal() });
  });
}

function defineShow(parent: Command, context: CommandContext): void {
  const keys = [...dataKeys, ...pictureKeys];
  const command = parent
    .command("show")
    .description(
      "Draws examples with their labels, or the events of recordings, into a PNG file and prints its path.",
    )
    .option("--split <NAME>", "the split to show; the one that scoring uses unless given")
    .option("--picture <FILE>", "the PNG file to write; DATASET-SPLIT.png unless given")
    .option("--animation <FILE>", "write the frames of sequences or recordings as .gif or .webp too")
    .option("--sequence <T>", "show sequences of T frames (ddd17)", positiveInteger);
  addExamples(
    command,
    "data show --dataset folder --root mydata --pictures 6 --seed 2",
    "data show --dataset events --root recording.aedat4 --animation events.gif",
  );
  addConfigFlags(command, keys).action(
    async (words: { split?: string; picture?: string; animation?: string; sequence?: number }) => {
      const { show } = await import("./show.js");
      await show(givenData(command, keys), { words, terminal: context.terminal() });
    },
  );
}

function defineLists(parent: Command, context: CommandContext): void {
  const command = parent
    .command("lists")
    .description(
      "Writes the lists of a data set in natural order, and says which files have no partner. Checks them afterwards.",
    )
    .option("--verify", "only check the lists that are there")
    .option("--out <DIR>", "write them into this folder instead of the data set's")
    .option("--overwrite", "replace lists of other content")
    .option("--multiple-of <N>", "cut each run of consecutive frames to a multiple of N", positiveInteger, 1)
    .option("--val-share <X>", "share of examples for val, where no folder says", share, 0.2);
  addExamples(
    command,
    "data lists --dataset folder --root mydata",
    "data lists --dataset ddd17 --root DDD17 --multiple-of 64",
  );
  addConfigFlags(command, listKeys).action(
    async (words: {
      verify?: true;
      out?: string;
      overwrite?: true;
      multipleOf: number;
      valShare: number;
    }) => {
      const { lists } = await import("./lists.js");
      await lists(givenData(command, listKeys), { words, terminal: context.terminal() });
    },
  );
}

function definePrepare(parent: Command, context: CommandContext): void {
  const command = parent
    .command("prepare")
    .description(
      "Turns recordings with label PNGs into Ev-SegNet's layout, which --dataset ddd17 reads; without recordings, " +
        "writes a data set of pictures, such as digits, as a folder data set.",
    )
    .argument("[recordings...]", "event recordings of any known format")
    .requiredOption("--out <DIR>", "the folder to write")
    .option(
      "--labels <DIR>",
      "label PNGs of the recording, or a folder of such folders named as the recordings",
    )
    .option("--timestamps <FILE>", "a time in microseconds a line; unless the PNGs are named by their times")
    .option("--split <NAME>", "the split that recordings become, or the one to write of a data set")
    .option("--name <NAME>", "start of the frames' names; NAME_export after the recording unless given")
    .option("--overwrite", "replace a data set that is there");
  addExamples(
    command,
    "data prepare rec1487339175.hdf5 --labels labels/ --out ddd17/",
    "data prepare --dataset digits --img-size 48 --mnist MNIST --cifar10 CIFAR --out digits/",
  );
  addConfigFlags(command, prepareKeys).action(
    async (
      recordings: readonly string[],
      words: {
        out: string;
        labels?: string;
        timestamps?: string;
        split?: string;
        name?: string;
        overwrite?: true;
      },
    ) => {
      const terminal = context.terminal();
      if (recordings.length > 0) {
        const { prepareRecordings } = await import("./prepare-recordings.js");
        await prepareRecordings(recordings, { words, given: givenFlags(command, prepareKeys), terminal });
        return;
      }
      if (givenFlags(command, ["dataset"]).values.dataset === undefined) {
        throw new OptionError(
          "data prepare: expected recordings or a data set of pictures, received neither; name recordings, or add --dataset digits",
        );
      }
      const { preparePictures } = await import("./prepare-pictures.js");
      await preparePictures(givenData(command, prepareKeys), { words, terminal });
    },
  );
}

function defineSimulate(parent: Command, context: CommandContext): void {
  const command = parent
    .command("simulate")
    .description(
      "Moves a simulated event camera over the labelled pictures of a folder or VOC2012 data set, and writes its events with labels that " +
        "move along: as frames that --dataset ddd17 reads, or as recordings with label PNGs that --dataset events or dsec reads. Or shows it a video.",
    )
    .requiredOption("--out <DIR>", "the folder to write; what is there already stays")
    .addOption(
      new Option(
        "--layout <NAME>",
        "ddd17: frames of 6 channels; events: EVT3 recordings; dsec: HDF5 recordings (default: ddd17; of a video events)",
      ).choices(simulatedLayouts),
    )
    .option("--split <NAME>", "the split of the pictures, all that are there unless given; of a video: train")
    .option(
      "--frames <N>",
      "windows of each picture, one after the other, with labels at their ends (default: 1)",
      positiveInteger,
    )
    .option("--limit <N>", "the first N pictures of each split alone", positiveInteger)
    .option(
      "--video <DIR>",
      "instead of pictures to move over: the frames of a video, in the order of their names",
    )
    .option("--fps <N>", "frames a second of the video", positiveNumber)
    .option("--masks <DIR>", "masks of frames of the video, named as these");
  addExamples(
    command,
    "data simulate --root camvid --img-size 200x346 --out camvid-events",
    "data simulate --root camvid --layout events --frames 10 --sensor-model noisy --out recordings",
    "data simulate --root VOC2012 --simulate-from voc2012 --split train --limit 100 --out voc-events",
    "data simulate --video frames/ --fps 240 --img-size 260x346 --out recordings",
  );
  addConfigFlags(command, simulateKeys).action(async (words: SimulateWords) => {
    const layer = givenFlags(command, simulateKeys);
    if (words.video !== undefined) {
      const { simulateVideo } = await import("./simulate-video.js");
      return simulateVideo(layer, { words, context });
    }
    const { config } = resolveConfig([{ ...layer, values: { ...layer.values, dataset: "simulated" } }]);
    const { simulate } = await import("./simulate.js");
    await simulate(config, { words, context });
  });
}

function positiveNumber(word: string): number {
  const value = Number(word);
  if (word.trim() === "" || !(value > 0 && value <= 1e6)) {
    throw new InvalidArgumentError("Expected a number above 0 and at most a million.");
  }
  return value;
}

function share(word: string): number {
  const value = Number(word);
  if (word.trim() === "" || !(value >= 0 && value < 1)) {
    throw new InvalidArgumentError("Expected a share of at least 0 and below 1, such as 0.2.");
  }
  return value;
}
