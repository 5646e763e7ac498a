/** Times of contestants as a table. */
import { formatTable } from "../../dist/cli/lines/format.js";

/**
 * Adds samples a second, and how many times as fast a row is as the plain way and as the strongest, which is the peer that
 * takes least time for the same work on as many threads; `cpu` by processor time, `memory` how many times as small.
 */
export function withRatios(rows, batchSize) {
  const strongestOf = (work) =>
    rows
      .filter((row) => row.work === work && row.who !== "ours")
      .reduce((best, row) => (best === undefined || row.ms < best.ms ? row : best), undefined);
  return rows.map((row) => {
    const plain = rows.find(({ who, work }) => who === "plain" && work === row.work);
    const strongest = strongestOf(row.work);
    return {
      ...row,
      samplesPerSecond: (1000 * batchSize) / row.ms,
      ratioToPlain: ratio(plain, row),
      ratioToStrongest: ratio(strongest, row),
      strongest: strongest === row,
    };
  });
}

function ratio(other, row) {
  if (other === undefined) return undefined;
  return {
    ms: other.ms / row.ms,
    cpu: other.cpuMs / row.cpuMs,
    memory: row.peakBytes === null ? null : other.peakBytes / row.peakBytes,
  };
}

const head = [
  ...["threads", "work", "who", "on", "density"],
  ...["ms", "processor ms", "images/s", "MiB", "GHz"],
  ...["plain / this", "processor", "memory", "strongest / this", "processor", "memory"],
];

/** A line for each row; the strongest peer has a star. */
export function tableOf(rows) {
  const lines = rows.map((row) => [
    ...[
      String(row.threads),
      row.work,
      [row.who, row.precision].filter(Boolean).join(" ") + (row.strongest ? " *" : ""),
    ],
    row.about.libtorch ? `libtorch ${row.about.libtorch}` : `PyTorch ${row.about.torch}`,
    row.density === undefined ? "" : `${Number((100 * row.density).toPrecision(3))} %`,
    ...[
      row.ms.toFixed(1),
      row.cpuMs.toFixed(1),
      row.samplesPerSecond.toPrecision(3),
      mebibytes(row.peakBytes),
    ],
    row.clockGHz.toFixed(2),
    ...ratioCells(row.ratioToPlain),
    ...ratioCells(row.ratioToStrongest),
  ]);
  return formatTable([head, ...lines], { left: 4 });
}

function ratioCells({ ms, cpu, memory } = {}) {
  return [ms, cpu, memory].map((value) => value?.toFixed(2) ?? "–");
}

function mebibytes(bytes) {
  return bytes === null ? "–" : (bytes / 2 ** 20).toFixed(0);
}
