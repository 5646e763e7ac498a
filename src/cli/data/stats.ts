/** `snnseg data stats`: what data sets and recordings hold. */
import { join } from "node:path";
import {
  availableSplits,
  type DatasetSpec,
  type DatasetStatistics,
  type DigitSources,
  datasetStatistics,
  digitSources,
  labelSuspicions,
  mergeStatistics,
  openDataset,
  type SegmentationDataset,
  type Suspicion,
} from "../../datasets/index.js";
import { DataFormatError } from "../../errors.js";
import { writeFileAtomic } from "../../files/index.js";
import { barChartSvg, svgToPng, voidColor } from "../../report/index.js";
import { formatPercent } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import { type ChosenData, isLabelled } from "./chosen-data.js";
import { type RecordingResult, recordingStats } from "./recording-stats.js";
import { channelLines, classLines, sourceLines, splitLines } from "./stats-lines.js";
import { suspicionLines } from "./suspicion-lines.js";

type Order = {
  readonly words: { readonly split?: string; readonly picture?: string };
  readonly terminal: Terminal;
};

/** Counts and prints; with recordings and labels, both. */
export async function stats(data: ChosenData, { words, terminal }: Order): Promise<void> {
  const { spec } = data;
  if (spec.name !== "events") {
    const result = await labelStats(spec, { words, terminal });
    terminal.print(`\n${suspicionLines(result.suspicions)}`);
    terminal.result(result);
    return;
  }
  const about = { reading: spec.reading ?? {}, windowUs: data.config.windowUs, terminal };
  if (!isLabelled(spec, words.split)) {
    const result = await recordingStats(spec.root, { ...about, picture: words.picture });
    finish(result, terminal);
    return;
  }
  const labels = await labelStats(spec, { words, terminal });
  terminal.print();
  const root = words.split === undefined ? spec.root : join(spec.root, words.split);
  const recordings = await recordingStats(root, { ...about, picture: undefined });
  // What opening the labelled recordings has found, counting them finds again.
  const known = new Set(labels.suspicions.map(({ message }) => message));
  const suspicions = [
    ...labels.suspicions,
    ...recordings.suspicions.filter(({ message }) => !known.has(message)),
  ];
  finish({ ...recordings, ...labels, suspicions, failed: recordings.failed }, terminal);
}

/** Ends with what is suspicious. @throws DataFormatError if recordings could not be read, after the numbers of the others */
function finish(result: RecordingResult, terminal: Terminal): void {
  terminal.print(`\n${suspicionLines(result.suspicions)}`);
  terminal.result(result);
  if (result.failed === 0) return;
  throw new DataFormatError(
    `data stats: expected recordings that can be read, received ${result.failed} that cannot; they are in the list of what is suspicious`,
  );
}

/** The JSON of labels. */
type LabelResult = Readonly<Record<string, unknown>> & { readonly suspicions: readonly Suspicion[] };

async function labelStats(spec: DatasetSpec, { words, terminal }: Order): Promise<LabelResult> {
  const splits = words.split === undefined ? await availableSplits(spec) : [words.split];
  const datasets: SegmentationDataset[] = [];
  for (const split of splits) datasets.push(await openDataset(spec, split));
  const parts = await countAll(datasets, terminal);
  const merged = mergeStatistics(parts);
  const sources = spec.name === "digits" ? await materialOf(spec, splits) : undefined;
  terminal.print(splitLines(spec, parts));
  terminal.print(`\n${classLines(parts, merged)}`);
  terminal.print(`\n${channelLines(merged)}`);
  if (sources !== undefined) terminal.print(`\n${sourceLines(sources)}`);
  const picture = words.picture === undefined ? {} : { picture: words.picture };
  if (words.picture !== undefined) {
    await writeFileAtomic(words.picture, await classPicture(merged, datasets[0]!.colors));
    terminal.print(`\npicture ${words.picture}`);
  }
  return {
    ...resultOf(merged),
    ...{ dataset: spec.name, ...("root" in spec ? { root: spec.root } : {}) },
    splits: parts.map(resultOf),
    suspicions: [
      ...datasets.flatMap((dataset) => dataset.suspicions),
      ...(await labelSuspicions(
        spec,
        datasets.map((dataset, i) => ({ dataset, statistics: parts[i]! })),
      )),
    ],
    ...(sources === undefined ? {} : { sources }),
    ...picture,
  };
}

async function countAll(
  datasets: readonly SegmentationDataset[],
  terminal: Terminal,
): Promise<DatasetStatistics[]> {
  const total = datasets.reduce((sum, { length }) => sum + length, 0);
  const stage = terminal.stage({ label: "counting pixels", total, unit: "examples" });
  const parts: DatasetStatistics[] = [];
  for (const dataset of datasets) {
    let before = 0;
    const onExample = (done: number) => {
      stage.itemsDone(done - before);
      before = done;
    };
    parts.push(await datasetStatistics(dataset, onExample));
  }
  stage.end();
  return parts;
}

async function materialOf(
  spec: DatasetSpec & { readonly name: "digits" },
  splits: readonly string[],
): Promise<DigitSources[]> {
  return Promise.all(splits.map((split) => digitSources(spec, split === "train" ? "train" : "val")));
}

function resultOf(statistics: DatasetStatistics): Readonly<Record<string, unknown>> {
  const { name, channels, sizes, ...rest } = statistics;
  return {
    ...{ dataset: name, ...rest, size: sizes[0]?.size, sizes, channels },
    mean: channels.map(({ mean }) => mean),
    std: channels.map(({ std }) => std),
  };
}

function classPicture(
  { name, split, examples, classes, voidShare, voidExamples, voidPixels }: DatasetStatistics,
  colors: SegmentationDataset["colors"],
): Promise<Uint8Array> {
  const bars = classes.map((each, id) => ({
    name: each.name,
    color: colors[id] ?? voidColor,
    value: each.share,
    note: `${formatPercent(each.share)} · ${each.examples} examples`,
  }));
  const voidBar = {
    ...{ name: "void", color: voidColor, value: voidShare },
    note: `${formatPercent(voidShare)} of all pixels · ${voidExamples} examples`,
  };
  const title = `${name}, ${split}: pixels of ${examples} examples`;
  return svgToPng(barChartSvg({ title, bars: voidPixels > 0 ? [...bars, voidBar] : bars }), { scale: 1.5 });
}
