/** What each tab shows. A panel without content has no tab. */

import { bars, heatmap, lines } from "./charts.js";
import { digits, element, interval, microjoules, note, percent, table } from "./dom.js";
import { galleryPanel } from "./gallery.js";

export const panels = [
  ["Overview", overviewPanel],
  ["Training", trainingPanel],
  ["Classes", classesPanel],
  ["Predictions", (report) => (report.gallery.examples.length > 0 ? galleryPanel(report) : [])],
  ["Spikes", spikesPanel],
  ["Energy", energyPanel],
  ["Robustness", robustnessPanel],
  ["Runs", runsPanel],
];

function overviewPanel({ runs }) {
  const rows = runs.map(({ name, scores, quality, spikes, energy }) => [
    name,
    digits(scores.meanIoU),
    interval(quality.intervals.meanIoU),
    digits(scores.baselineMeanIoU),
    digits(scores.pixelAccuracy),
    digits(quality.boundaryIoU),
    percent(quality.calibrationError),
    percent(spikes?.meanRate),
    microjoules(energy.rows?.[0].snn.totalPj ?? energy.annPj),
  ]);
  const head = [
    ...[
      "run",
      "mean IoU",
      "95 % over images",
      "baseline",
      "pixel accuracy",
      "boundary IoU",
      "calibration error",
    ],
    ...["spikes per neuron and timestep", "µJ per image (45 nm, synapses)"],
  ];
  const score = (key) => runs.map(({ scores }) => scores[key]);
  return [
    table({ caption: `Scores on ${runs[0].examples} examples of split ${runs[0].split}`, head, rows }),
    note(
      "Baseline: always predicting the training split's commonest class. Intervals: 1000 resamples of the images.",
    ),
    bars({
      title: "Scores",
      categories: runs.map(({ name }) => name),
      yName: "share",
      series: [
        { name: "mean IoU", values: score("meanIoU") },
        { name: "boundary IoU", values: runs.map(({ quality }) => quality.boundaryIoU) },
        { name: "pixel accuracy", values: score("pixelAccuracy") },
        { name: "baseline mean IoU", values: score("baselineMeanIoU") },
      ],
    }),
  ];
}

function trainingPanel({ runs }) {
  const trained = runs.filter(({ epochs }) => epochs.length > 0);
  if (trained.length === 0) return [];
  const series = (key, field) =>
    trained.map((run) => ({
      name: run.name,
      points: run[key].map((record) => [record.epoch, record[field]]),
    }));
  return [
    element(
      "div",
      { class: "charts" },
      lines({ title: "Training loss", xName: "epoch", yName: "loss", series: series("epochs", "loss") }),
      lines({
        title: "Mean IoU",
        xName: "epoch",
        yName: "mean IoU",
        series: series("evaluations", "meanIoU"),
        fromZero: true,
      }),
      lines({
        title: "Learning rate",
        xName: "epoch",
        yName: "learning rate",
        series: series("epochs", "lr"),
      }),
      lines({
        title: "Evaluation loss",
        xName: "epoch",
        yName: "loss",
        series: series("evaluations", "loss"),
      }),
    ),
  ];
}

function classesPanel({ runs, classes }) {
  const cell = ({ scores, quality }, k) =>
    typeof scores.perClassIoU[k] === "number"
      ? `${digits(scores.perClassIoU[k])} (${interval(quality.intervals.perClassIoU[k])})`
      : "–";
  const series = runs.map(({ name, scores }) => ({ name, values: scores.perClassIoU }));
  return [
    bars({ title: "IoU per class", categories: classes, yName: "IoU", series }),
    table({
      caption: "IoU per class with 95 % intervals over images",
      head: ["class", ...runs.map(({ name }) => name)],
      rows: classes.map((name, k) => [name, ...runs.map((run) => cell(run, k))]),
    }),
    ...runs.map(({ name, confusion }) =>
      heatmap({
        title: `Confusion of ${name}: where the pixels of a class went`,
        columns: classes,
        rows: classes,
        cells: confusion.map((row) => {
          const sum = row.reduce((a, b) => a + b, 0);
          return row.map((count) => (sum > 0 ? count / sum : 0));
        }),
        xName: "predicted",
        yName: "true",
      }),
    ),
    calibrationChart(runs),
  ];
}

function calibrationChart(runs) {
  return lines({
    title: "Calibration: accuracy at a confidence",
    xName: "confidence",
    yName: "accuracy",
    fromZero: true,
    series: runs.map(({ name, quality }) => ({
      name,
      points: quality.calibration
        .filter(({ share }) => share > 0)
        .map(({ meanConfidence, accuracy }) => [Number(meanConfidence.toFixed(4)), accuracy]),
    })),
  });
}

function spikesPanel({ runs }) {
  const spiking = runs.filter(({ spikes }) => spikes);
  if (spiking.length === 0) return [];
  const content = spiking.flatMap(({ name, spikes }) => [
    heatmap({
      title: `Spikes of ${name} per neuron, by layer and timestep`,
      columns: spikes.layers[0].perTimestep.map((_, t) => String(t + 1)),
      rows: spikes.layers.map((layer) => layer.name),
      cells: spikes.layers.map((layer) => layer.perTimestep),
      xName: "timestep",
      yName: "layer",
      max: Math.max(0.01, ...spikes.layers.flatMap((layer) => layer.perTimestep)),
    }),
    table({
      caption: `Neurons of ${name}; a rate over T counts spikes per neuron and image`,
      head: ["layer", "neurons", "average spikes", "rate over T", "silent", "saturated", "dead"],
      rows: spikes.layers.map((layer) => [
        layer.name,
        String(layer.neurons),
        digits(layer.averageSpikes, 1),
        digits(layer.rate),
        percent(layer.silentShare),
        percent(layer.saturatedShare),
        percent(layer.deadShare),
      ]),
    }),
    note(
      `All layers: ${digits(spikes.totals.totalAverage, 0)} spikes an image, ${spikes.totals.totalNeurons} neurons, ` +
        `rate over T ${digits(spikes.totals.totalRate)}. Input values other than 0: ${percent(spikes.inputActivity)}.`,
    ),
  ]);
  const anytime = spiking.filter((run) => run.anytime);
  if (anytime.length > 0) {
    content.push(
      lines({
        title: "Mean IoU when reading out early",
        xName: "timestep",
        yName: "mean IoU",
        fromZero: true,
        series: anytime.map((run) => ({
          name: run.name,
          points: run.anytime.meanIoU.map((iou, t) => [t + 1, iou]),
        })),
      }),
      ...anytime.map((run) =>
        table({
          caption: `${run.name}, stopping once an image's mean confidence is high enough`,
          head: ["confidence", "mean timesteps", "mean IoU"],
          rows: run.anytime.exits.map((exit) => [
            percent(exit.confidence, 0),
            digits(exit.meanTimesteps, 2),
            digits(exit.meanIoU),
          ]),
        }),
      ),
    );
  }
  return content;
}

function energyPanel({ runs }) {
  const estimated = runs.filter(({ energy }) => energy.rows);
  if (estimated.length === 0) return [];
  return [
    note(
      "Estimates per image from counted operations; see docs/design/energy.md for formulas, constants and sources.",
    ),
    ...estimated.flatMap(({ name, energy }) => [
      bars({
        title: `${name} and its ANN twin, ${energy.process}`,
        categories: energy.rows.map(({ model }) => model),
        yName: "µJ per image",
        logarithmic: true,
        format: (value) => (typeof value === "number" ? value.toPrecision(4) : "–"),
        series: [
          { name: "SNN", values: energy.rows.map(({ snn }) => snn.totalPj / 1e6) },
          { name: "ANN twin", values: energy.rows.map(({ ann }) => ann.totalPj / 1e6) },
        ],
      }),
      table({
        caption: `Energy of ${name} in microjoules per image`,
        head: ["model", "SNN", "ANN twin", "ANN/SNN", "break-even rate"],
        rows: energy.rows.map(({ model, snn, ann, ratio, breakEvenRate }) => [
          model,
          microjoules(snn.totalPj),
          microjoules(ann.totalPj),
          digits(ratio, 2),
          breakEvenRate === null ? "–" : percent(breakEvenRate),
        ]),
      }),
      note(
        `Mean rate ${percent(energy.meanRate)} per timestep; the field's shortcut (rate x dense operations) would say ` +
          `${microjoules(energy.shortcutPj)} µJ. ${energy.source}.`,
      ),
      table({
        caption: `Operations of ${name} per image`,
        head: [
          "layer",
          "input",
          "inputs other than 0",
          "accumulates",
          "MACs",
          "rate x dense",
          "MACs of the ANN",
        ],
        text: [1],
        rows: energy.layers.map((layer) => [
          layer.name,
          layer.input,
          ...["events", "accumulates", "multiplyAccumulates", "shortcut", "denseMacs"].map((key) =>
            Math.round(layer[key]).toLocaleString("en"),
          ),
        ]),
      }),
    ]),
  ];
}

function robustnessPanel({ runs }) {
  const measured = runs.filter(({ robustness }) => robustness);
  const kinds = [...new Set(measured.flatMap(({ robustness }) => robustness.curves.map(({ kind }) => kind)))];
  if (kinds.length === 0) return [];
  const curvesOf = (kind) =>
    measured.flatMap(({ name, robustness }) => {
      const curve = robustness.curves.find((candidate) => candidate.kind === kind);
      return curve ? [{ name, curve }] : [];
    });
  return [
    note("Whiskers: 95 % intervals over images. Relative area: 1 would be a score that never falls."),
    element(
      "div",
      { class: "charts" },
      kinds.map((kind) =>
        lines({
          title: `Mean IoU under ${kind}`,
          xName: curvesOf(kind)[0].curve.unit,
          yName: "mean IoU",
          fromZero: true,
          series: curvesOf(kind).map(({ name, curve }) => ({
            name,
            points: curve.points.map((point) => [point.strength, point.meanIoU]),
            band: curve.points.map(({ strength, interval: range }) => [strength, range.low, range.high]),
          })),
        }),
      ),
    ),
    table({
      caption: "Relative area under the curves",
      head: ["disturbance", ...measured.map(({ name }) => name)],
      rows: kinds.map((kind) => [
        kind,
        ...measured.map(({ robustness }) =>
          digits(robustness.curves.find((curve) => curve.kind === kind)?.relativeArea, 3),
        ),
      ]),
    }),
  ];
}

function runsPanel({ runs }) {
  const keys = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))];
  const facts = [...new Set(runs.flatMap((run) => Object.keys(run.facts)))];
  const rowsOf = (names, field) => names.map((key) => [key, ...runs.map((run) => run[field][key] ?? "–")]);
  const rows = rowsOf(keys, "options");
  const differs = rows.flatMap((row, i) => (new Set(row.slice(1)).size > 1 ? [i] : []));
  const head = ["", ...runs.map(({ name }) => name)];
  const text = runs.map((_, i) => i + 1);
  return [
    table({ caption: "Where and with what", head, rows: rowsOf(facts, "facts"), text }),
    table({ caption: "Options; shaded where runs differ", head, rows, text, differs }),
  ];
}
