#!/usr/bin/env node
/**
 * Writes the tables and charts of docs/results/twins-*.md from what `scripts/results/twins` left.
 *
 *     scripts/results/twins-page.mjs REPORT.json PAGE.md
 *
 * Tables go between the page's lines `<!-- tables -->` and `<!-- end of tables -->`; charts beside the page.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { lineChartSvg, stackSvgs, svgToPng } from "../../dist/report/index.js";

const [reportFile, page] = process.argv.slice(2);
if (page === undefined) throw new Error("usage: twins-page.mjs REPORT.json PAGE.md");
const { runs } = JSON.parse(readFileSync(reportFile, "utf8"));
/** Energies of a spiking run in the 45 nm process. */
const estimate = (run) => run.energy?.processes?.find(({ process }) => process === "45 nm");
const stem = basename(page, ".md");
const points = (share) => (100 * share).toFixed(2);
const table = (rows) => {
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return [lines[0], `|${"---|".repeat(rows[0].length)}`, ...lines.slice(1)].join("\n");
};

/** Mean IoU, its interval, rates, and three energies beside the ANN twin's. */
function scoreTable() {
  const energies = ["float-synapses", "float-time-stepped", "integer-operations"];
  const energyOf = (run, id) => estimate(run)?.rows.find((row) => row.id === id);
  const microjoules = (pj) => (pj / 1e6).toFixed(0);
  const twin = runs.find(({ name }) => name === "snn");
  const energy = (run, id) => {
    const row = energyOf(run, id);
    if (row !== undefined) return `${microjoules(row.snn.totalPj)} (${row.ratio.toFixed(2)})`;
    return run.name === "ann" ? microjoules(energyOf(twin, id).ann.totalPj) : "–";
  };
  const head = [
    "run",
    "mean IoU",
    "95 % over images",
    "boundary IoU",
    "calibration error",
    "spikes per neuron and step",
  ];
  const rows = runs.map((run) => {
    const { low, high } = run.quality.intervals.meanIoU;
    const rate = estimate(run) === undefined ? "–" : `${points(estimate(run).meanRate)} %`;
    return [
      ...[run.name, points(run.scores.meanIoU), `${points(low)} … ${points(high)}`],
      ...[points(run.quality.boundaryIoU), `${points(run.quality.calibrationError)} %`, rate],
      ...energies.map((id) => energy(run, id)),
    ];
  });
  return table([
    [
      ...head,
      "µJ, synapses only (ANN / SNN)",
      "µJ, with memory (ANN / SNN)",
      "µJ, integers (quantised ANN / SNN)",
    ],
    ...rows,
  ]);
}

const swept = runs.filter((run) => run.robustness);

function robustnessTable() {
  const head = ["disturbance", "strength", ...swept.map(({ name }) => name)];
  const rows = swept[0].robustness.curves.flatMap(({ kind, points: curve }, k) => [
    ...curve.map(({ strength }, i) => [
      i === 0 ? kind : "",
      strength,
      ...swept.map(({ robustness }) => points(robustness.curves[k].points[i].meanIoU)),
    ]),
    ["", "area", ...swept.map(({ robustness }) => robustness.curves[k].relativeArea?.toFixed(3) ?? "–")],
  ]);
  return table([head, ...rows]);
}

async function writeChart(name, charts) {
  const svgs = await Promise.all(charts.map((chart) => lineChartSvg(chart, { width: 640, height: 300 })));
  writeFileSync(join(dirname(page), `${stem}-${name}.png`), await svgToPng(stackSvgs(svgs)));
}

await writeChart(
  "robustness",
  swept[0].robustness.curves.map(({ kind, unit }, k) => ({
    title: `Mean IoU under ${kind}`,
    xName: unit,
    yName: "mean IoU",
    curves: swept.map(({ name, robustness }) => ({
      name,
      points: robustness.curves[k].points.map(({ strength, meanIoU }) => [strength, meanIoU]),
    })),
  })),
);
const direct = runs.filter(({ name }) => name.startsWith("snn"));
const sorted = [...direct].sort((a, b) => estimate(a).meanRate - estimate(b).meanRate);
const of = (wanted) =>
  sorted.filter(({ name }) => wanted(name)).map((run) => [100 * estimate(run).meanRate, run.scores.meanIoU]);
if (direct.length > 2) {
  await writeChart("rates", [
    {
      title: "How far firing can be cut",
      xName: "spikes per neuron and timestep, %",
      yName: "mean IoU",
      curves: [
        {
          name: "thresholds",
          points: of((name) => name === "snn" || name.includes("threshold")),
        },
        { name: "limit alone", points: of((name) => name.includes("rate")) },
        { name: "both", points: of((name) => name === "snn-sparse") },
      ],
    },
  ]);
}
await writeChart("anytime", [
  {
    title: "Reading out before the last timestep",
    xName: "timestep",
    yName: "mean IoU",
    curves: direct
      .filter(({ name }) => name === "snn" || name === "snn-sparse")
      .map(({ name, anytime }) => ({ name, points: anytime.meanIoU.map((value, t) => [t + 1, value]) })),
  },
]);

const text = existsSync(page)
  ? readFileSync(page, "utf8")
  : `# ${stem}\n\n<!-- tables -->\n<!-- end of tables -->\n`;
const [before, rest] = text.split("<!-- tables -->\n");
const after = rest.split("<!-- end of tables -->\n")[1];
const tables = `${scoreTable()}\n\n${robustnessTable()}\n`;
writeFileSync(page, `${before}<!-- tables -->\n${tables}<!-- end of tables -->\n${after}`);
