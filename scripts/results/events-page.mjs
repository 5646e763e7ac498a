#!/usr/bin/env node
/**
 * Writes the tables of docs/results/events.md from what events-camvid.mjs left, over all seeds that are complete.
 *
 *     scripts/results/events-page.mjs OUT PAGE.md
 *
 * They go between the page's lines `<!-- tables -->` and `<!-- end of tables -->`.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { studentInterval } from "../../dist/entries/metrics.js";

const intro = `# Simulated events of CamVid

A [simulated event camera](../datasets/simulated.md) moves over the pictures of CamVid, 367 for training along a new path in every epoch and 101 for scoring
along paths that are always the same: **synthetic events**. DL-VGG9 as in the DDD17 presets; the LIF network has batch norm through time and T = 6. It sees one window of
50 ms at every timestep, or six that follow each other (target history learning, THL); ANNs and integers see one window of 50 or of all 300 ms. Two channels count brighter and
darker events, six are those of Ev-SegNet. All follow one schedule (Adam, \`poly\`, float32); the best of the evaluations counts, for every network alike. Networks of one length of events are
scored along the same paths; the labels of 50 and 300 ms are of other moments of them.

\`\`\`
scripts/results/events-camvid.mjs CAMVID --out OUT
scripts/results/events-page.mjs OUT docs/results/events.md
\`\`\`

Differences to the ANN are paired: both are scored on the same resampled images, seed by seed; the mean difference has Student's interval over the seeds, which
holds what seeds change. Energies are for one image in the [models](../design/energy.md) of 45 nm, as on the page of [twins](twins-camvid.md); in brackets the ANN's over the network's. Disturbances are drawn once for each seed of training; the area is that under the curve, 1 for a score that never falls.

<!-- tables -->
<!-- end of tables -->
`;

const [out, page] = process.argv.slice(2);
if (page === undefined) throw new Error("usage: events-page.mjs OUT PAGE.md");
const read = (name) => JSON.parse(readFileSync(join(out, name), "utf8"));
const groups = ["2-single", "6-single", "2-history", "6-history"];
const seeds = readdirSync(out)
  .map((name) => /^report-6-history-(\d+)\.json$/.exec(name)?.[1])
  .filter(
    (seed) =>
      seed !== undefined && groups.every((group) => existsSync(join(out, `report-${group}-${seed}.json`))),
  )
  .sort();
if (seeds.length === 0)
  throw new Error(
    `events-page.mjs: expected a complete seed in ${out}, received none; run events-camvid.mjs`,
  );

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const points = (share) => (100 * share).toFixed(2);
const signed = (share) => `${share < 0 ? "−" : "+"}${points(Math.abs(share))}`;
/** A mean with its 95 % interval over seeds. */
function overSeeds(numbers) {
  const interval = studentInterval(numbers);
  if (interval === null) return signed(mean(numbers));
  return `**${signed(mean(numbers))}** (${signed(interval.low)} … ${signed(interval.high)})`;
}
const table = (rows) => {
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return [lines[0], `|${"---|".repeat(rows[0].length)}`, ...lines.slice(1)].join("\n");
};
const words = {
  ann: "ANN",
  "ann in 8 bits": "ANN in 8 bits, after training",
  snn: "SNN, LIF, T = 6",
  int: "SNN, integers 0..4, T = 1",
};
const spanWords = { single: "50 ms", history: "300 ms" };

/** Every network of a group with its runs, one a seed; the first is the ANN. */
const rows = groups.flatMap((group) => {
  const [channels, span] = group.split("-");
  const reports = seeds.map((seed) => read(`report-${group}-${seed}.data.json`).runs);
  return reports[0].map(({ name }, k) => {
    const network = name.replace(`-${group}-${seeds[0]}`, "");
    const about = [
      channels,
      spanWords[span],
      words[network] + (span === "history" && network === "snn" ? ", THL" : ""),
    ];
    return { group, about, network, runs: reports.map((runs) => runs[k]) };
  });
});

const process45 = (run) => run.energy.processes?.find(({ process }) => process === "45 nm");
const energyRow = (run, id) => process45(run)?.rows.find((row) => row.id === id);

function scoreTable() {
  const ids = ["float-synapses", "float-time-stepped", "integer-operations"];
  const microjoules = (pj) => (pj / 1e6).toFixed(0);
  const energy = ({ group, network, runs }, id) => {
    const found = runs.map((run) => energyRow(run, id));
    if (found[0] !== undefined) {
      return `${microjoules(mean(found.map(({ snn }) => snn.totalPj)))} (${mean(found.map(({ ratio }) => ratio)).toFixed(2)})`;
    }
    if (network !== "ann") return "–";
    const twin = rows.find((row) => row.group === group && row.network === "snn");
    return microjoules(mean(twin.runs.map((run) => energyRow(run, id).ann.totalPj)));
  };
  const head = ["channels", "events of", "network", "mean IoU", ...seeds.map((seed) => `seed ${seed}`)];
  return table([
    [
      ...head,
      "less the ANN's, mean (95 % over seeds)",
      "by seed (95 % over images)",
      "spikes per neuron and step",
      "µJ, synapses only (ANN / SNN)",
      "µJ, with memory (ANN / SNN)",
      "µJ, integers (quantised ANN / SNN)",
    ],
    ...rows.map(({ about, runs, ...row }) => [
      ...about,
      `**${points(mean(runs.map(({ scores }) => scores.meanIoU)))}**`,
      ...runs.map(({ scores }) => points(scores.meanIoU)),
      runs[0].difference === null ? "–" : overSeeds(runs.map(({ difference }) => difference.meanIoU)),
      runs
        .map(({ difference: d }) =>
          d === null ? "–" : `${signed(d.meanIoU)} (${signed(d.interval.low)} … ${signed(d.interval.high)})`,
        )
        .join("; "),
      process45(runs[0]) ? `${points(mean(runs.map((run) => process45(run).meanRate)))} %` : "–",
      ...ids.map((id) => energy({ ...row, runs }, id)),
    ]),
  ]);
}

/** Mean IoU over the seeds under each disturbance, and the area under its curve. */
function robustnessTable() {
  const swept = rows.filter(({ runs }) => runs.every(({ robustness }) => robustness !== null));
  const { curves } = swept[0].runs[0].robustness;
  const columns = curves.flatMap(({ kind, points: curve }, k) => [
    ...curve
      .map(({ strength }, i) => ({
        title: `${kind} ${strength}`,
        of: (run) => run.robustness.curves[k].points[i].meanIoU,
        strength,
      }))
      .filter(({ strength }) => strength > 0),
    { title: `${kind}, area`, of: (run) => run.robustness.curves[k].relativeArea, isShare: true },
  ]);
  return table([
    ["channels", "events of", "network", "clean", ...columns.map(({ title }) => title)],
    ...swept.map(({ about, runs }) => [
      ...about,
      points(mean(runs.map((run) => run.robustness.curves[0].points[0].meanIoU))),
      ...columns.map(({ of, isShare }) =>
        isShare ? mean(runs.map(of)).toFixed(3) : points(mean(runs.map(of))),
      ),
    ]),
  ]);
}

function anytimeTable() {
  const spiking = rows.filter(({ network }) => network === "snn");
  const steps = spiking[0].runs[0].anytime.meanIoU.length;
  return table([
    ["channels", "events of", "network", ...Array.from({ length: steps }, (_, t) => `t = ${t + 1}`)],
    ...spiking.map(({ about, runs }) => [
      ...about,
      ...Array.from({ length: steps }, (_, t) => points(mean(runs.map(({ anytime }) => anytime.meanIoU[t])))),
    ]),
  ]);
}

const minutes = readdirSync(out)
  .filter((name) => name.endsWith(".json"))
  .reduce((sum, name) => sum + (read(name).minutes ?? 0), 0);
const { options } = rows[0].runs[0];
const text = existsSync(page) ? readFileSync(page, "utf8") : intro;
const [before, rest] = text.split("<!-- tables -->\n");
const after = rest.split("<!-- end of tables -->\n")[1];
const tables = `${options.imgSize}, ${options.epochs} epochs, seeds ${seeds.join(", ")}; mean IoU in points; ${Math.round(minutes)} minutes in all.

${scoreTable()}

### Under disturbances

${robustnessTable()}

### Reading out early

${anytimeTable()}
`;
writeFileSync(page, `${before}<!-- tables -->\n${tables}<!-- end of tables -->\n${after}`);
console.log(`wrote ${page}`);
