/** Statistics of data sets as tables. */
import {
  type DatasetSpec,
  type DatasetStatistics,
  type DigitSources,
  datasetKind,
} from "../../datasets/index.js";
import { formatCount, formatPercent, formatTable } from "../lines/format.js";

const barLength = 24;

/** One line a split: examples, size, void. */
export function splitLines(spec: DatasetSpec, parts: readonly DatasetStatistics[]): string {
  const rows = parts.map(({ split, examples, sizes, pixels, voidShare, voidExamples }) => {
    const [height = 0, width = 0] = sizes[0]?.size ?? [];
    const others = sizes.length > 1 ? ` and ${sizes.length - 1} more` : "";
    return [
      ...[split, `${height}x${width}${others}`, String(examples), formatCount(pixels)],
      ...[formatPercent(voidShare), String(voidExamples)],
    ];
  });
  const header = ["split", "size (HxW)", "examples", "pixels", "void", "examples with void"];
  const root = "root" in spec ? ` in ${spec.root}` : "";
  return `${spec.name}${root}\n${formatTable([header, ...rows], { left: 2 })}`;
}

/** One line a class: its share and the examples that show it in each split, and a bar of its share in all of them. */
export function classLines(parts: readonly DatasetStatistics[], merged: DatasetStatistics): string {
  const largest = Math.max(...merged.classes.map(({ share }) => share)) || 1;
  const header = ["class", "", ...parts.flatMap(({ split }) => [`${split}: pixels`, "examples"])];
  const rows = merged.classes.map(({ name, share }, id) => [
    ...[name, "▇".repeat(Math.round((barLength * share) / largest))],
    ...parts.flatMap(({ classes }) => [formatPercent(classes[id]!.share), String(classes[id]!.examples)]),
  ]);
  return formatTable([header, ...rows], { left: 2 });
}

/** Mean, deviation and range of each channel. */
export function channelLines({ name, channels }: DatasetStatistics): string {
  const names =
    datasetKind({ name }).input === "pictures" ? ["red", "green", "blue"] : [...channels.keys()].map(String);
  const rows = channels.map(({ mean, std, min, max }, c) => [
    names[c]!,
    ...[mean, std, min, max].map(figure),
  ]);
  return formatTable([["channel", "mean", "std", "min", "max"], ...rows]);
}

/** Digits and backgrounds of each split. */
export function sourceLines(sources: readonly DigitSources[]): string {
  const row = (name: string, counts: readonly number[]) => [
    ...[name, String(counts.reduce((sum, count) => sum + count, 0)), ...counts.map(String)],
  ];
  const rows = sources.flatMap(({ split, digits, backgrounds }) => [
    row(`${split} digits`, digits),
    ...(backgrounds === undefined ? [] : [row(`${split} backgrounds`, backgrounds)]),
  ]);
  return formatTable([["made from", "all", ...Array.from({ length: 10 }, (_, k) => `of ${k}`)], ...rows]);
}

function figure(value: number): string {
  return Number(value.toPrecision(5)).toString();
}
