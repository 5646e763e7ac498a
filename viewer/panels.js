/** What each tab shows. A panel without content has no tab. */

import { bars, heatmap, lines } from "./charts.js";
import {
  difference,
  digits,
  element,
  heading,
  interval,
  microjoules,
  note,
  percent,
  signedInterval,
  table,
  whole,
} from "./dom.js";
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

function overviewPanel({ runs, seedGroups }) {
  const rows = runs.map(({ name, scores, quality, difference: toFirst, spikes, energy }) => [
    name,
    digits(scores.meanIoU),
    interval(quality.intervals.meanIoU),
    difference(toFirst),
    digits(scores.baselineMeanIoU),
    digits(scores.pixelAccuracy),
    digits(quality.boundaryIoU),
    percent(quality.calibrationError),
    percent(spikes?.meanRate),
    microjoules(energy.processes?.[0].rows[0].snn.totalPj ?? energy.annPj),
  ]);
  const [{ energy }] = runs;
  const head = [
    ...[
      "run",
      "mean IoU",
      "95 % over images",
      `difference to ${runs[0].name} (95 %)`,
      "baseline",
      "pixel accuracy",
      "boundary IoU",
      "calibration error",
    ],
    "spikes per neuron and timestep",
    `µJ per image (${energy.process ?? energy.processes[0].process}, synapses)`,
  ];
  const score = (key) => runs.map(({ scores }) => scores[key]);
  return [
    ...seedsTable(seedGroups),
    table({ caption: `Scores on ${runs[0].examples} examples of split ${runs[0].split}`, head, rows }),
    note(
      "Baseline: the training split's majority class everywhere. Intervals: 1000 resamples of the images; of a difference, both runs are scored on the same ones: where its interval holds 0, these images do not tell which is better.",
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

function seedsTable(groups) {
  if (groups.length === 0) return [];
  const [first] = groups;
  const rows = groups.map(({ name, runs, meanIoU, deviation, interval: range, difference: toFirst }) => [
    name,
    String(runs.length),
    digits(meanIoU),
    digits(deviation),
    interval(range),
    difference(toFirst),
    signedInterval(toFirst?.overSeeds),
    toFirst ? percent(meanIoU / first.meanIoU) : "–",
  ]);
  const head = [
    ...["training", "seeds", "mean IoU", "standard deviation", "95 % over images"],
    `difference to ${first.name} (95 % over images)`,
    "95 % over seeds",
    `share of ${first.name}`,
  ];
  return [
    table({ caption: "Means over seeds: runs with the same options but for the seed", head, rows }),
    note(
      "Over images: 1000 resamples, on which all runs of both trainings are scored. Over seeds: Student's interval of the differences seed by seed, where both trainings have the same seeds; a conclusion about a kind of network, rather than about these runs, needs that one.",
    ),
  ];
}

function trainingPanel({ runs }) {
  const trained = runs.filter(({ epochs }) => epochs.length > 0);
  if (trained.length === 0) return [];
  const series = (key, field) =>
    trained.map((run) => ({
      name: run.name,
      color: run.color,
      points: run[key].map((record) => [record.epoch, record[field]]),
    }));
  const epochs = { xName: "epoch", whole: true };
  return [
    element(
      "div",
      { class: "charts" },
      lines({ ...epochs, title: "Training loss", yName: "loss", series: series("epochs", "loss") }),
      lines({
        ...epochs,
        title: "Mean IoU",
        yName: "mean IoU",
        series: series("evaluations", "meanIoU"),
        fromZero: true,
      }),
      lines({ ...epochs, title: "Learning rate", yName: "learning rate", series: series("epochs", "lr") }),
      lines({ ...epochs, title: "Evaluation loss", yName: "loss", series: series("evaluations", "loss") }),
    ),
  ];
}

function classesPanel({ runs, classes }) {
  const cell = ({ scores, quality }, k) =>
    typeof scores.perClassIoU[k] === "number"
      ? `${digits(scores.perClassIoU[k])} (${interval(quality.intervals.perClassIoU[k])})`
      : "–";
  const series = runs.map(({ name, color, scores }) => ({ name, color, values: scores.perClassIoU }));
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
    guide: "as sure as right",
    series: runs.map(({ name, color, quality }) => ({
      name,
      color,
      points: quality.calibration
        .filter(({ share }) => share > 0)
        .map(({ meanConfidence, accuracy }) => [Number(meanConfidence.toFixed(4)), accuracy]),
    })),
  });
}

function spikesPanel({ runs }) {
  const spiking = runs.filter(({ spikes }) => spikes);
  if (spiking.length === 0) return [];
  return [
    ...spiking.flatMap(ratesOf),
    ...membraneCharts(spiking),
    ...anytimeCharts(spiking.filter(({ anytime }) => anytime)),
  ];
}

function ratesOf({ name, spikes }) {
  const names = spikes.layers.map((layer) => layer.name);
  const shares = { silent: "silentShare", saturated: "saturatedShare", dead: "deadShare" };
  return [
    heatmap({
      title: `Spikes of ${name} per neuron, by layer and timestep`,
      columns: spikes.layers[0].perTimestep.map((_, t) => String(t + 1)),
      rows: names,
      cells: spikes.layers.map((layer) => layer.perTimestep),
      xName: "timestep",
      yName: "layer",
      max: Math.max(0.01, ...spikes.layers.flatMap((layer) => layer.perTimestep)),
    }),
    bars({
      title: `Neurons of ${name} that never or always fire`,
      categories: names,
      yName: "share of neurons",
      format: percent,
      series: Object.entries(shares).map(([share, key]) => ({
        name: share,
        values: spikes.layers.map((layer) => layer[key]),
      })),
    }),
    note(
      "Silent: not one spike in an image; dead: in none of the images; saturated: a spike at every timestep.",
    ),
    table({
      caption: `Neurons of ${name}; a rate over T counts spikes per neuron and image`,
      head: ["layer", "neurons", "average spikes", "rate over T", "silent", "saturated", "dead"],
      rows: spikes.layers.map((layer) => [
        layer.name,
        whole(layer.neurons),
        digits(layer.averageSpikes, 1),
        digits(layer.rate),
        ...Object.values(shares).map((key) => percent(layer[key])),
      ]),
    }),
    note(
      `All layers: ${whole(spikes.totals.totalAverage)} spikes an image, ${whole(spikes.totals.totalNeurons)} neurons, ` +
        `rate over T ${digits(spikes.totals.totalRate)}. Input values other than 0: ${percent(spikes.inputActivity)}.`,
    ),
  ];
}

/** One histogram a layer, all runs in it. */
function membraneCharts(spiking) {
  const names = [...new Set(spiking.flatMap(({ spikes }) => spikes.layers.map((layer) => layer.name)))];
  const histogram = ({ name, color, spikes: { layers, membraneBins } }, layerName) => {
    const layer = layers.find((candidate) => candidate.name === layerName);
    if (!layer) return [];
    const width = (membraneBins.to - membraneBins.from) / membraneBins.count;
    const middle = (i) => Number((membraneBins.from + (i + 0.5) * width).toFixed(4));
    return [{ name, color, style: "step", points: layer.membranes.map((share, i) => [middle(i), share]) }];
  };
  return [
    heading("Membranes after the last timestep"),
    note("Share of a layer's neurons by potential over threshold; the outermost bins hold all beyond them."),
    element(
      "div",
      { class: "charts small" },
      names.map((layer) =>
        lines({
          title: `Membranes of ${layer}`,
          xName: "potential / threshold",
          yName: "",
          fromZero: true,
          height: 230,
          series: spiking.flatMap((run) => histogram(run, layer)),
        }),
      ),
    ),
  ];
}

function anytimeCharts(runs) {
  if (runs.length === 0) return [];
  return [
    lines({
      title: "Mean IoU when reading out early",
      xName: "timesteps",
      yName: "mean IoU",
      fromZero: true,
      whole: true,
      series: runs.flatMap(({ name, color, anytime }) => [
        { name, color, points: anytime.meanIoU.map((iou, t) => [t + 1, iou]) },
        {
          name: `${name}, stopping when sure`,
          color,
          style: "points",
          points: anytime.exits.map(({ meanTimesteps, meanIoU }) => [
            Number(meanTimesteps.toFixed(2)),
            meanIoU,
          ]),
        },
      ]),
    }),
    ...runs.map(({ name, anytime }) =>
      table({
        caption: `${name}, stopping once an image's mean confidence is high enough`,
        head: ["confidence", "mean timesteps", "mean IoU"],
        rows: anytime.exits.map(({ confidence, meanTimesteps, meanIoU }) => [
          percent(confidence, 0),
          digits(meanTimesteps, 2),
          digits(meanIoU),
        ]),
      }),
    ),
  ];
}

function energyPanel({ runs }) {
  const estimated = runs.filter(({ energy }) => energy.processes);
  if (estimated.length === 0) return [];
  return [
    note(
      "Estimates per image from counted operations; see docs/design/energy.md for formulas, constants and sources.",
    ),
    ...estimated.flatMap(({ name, energy }) => [
      ...energy.processes.flatMap((process) => processCharts(name, process)),
      chipTable(name, energy.chips),
      operationTable(name, energy),
    ]),
  ];
}

function processCharts(name, { process, source, meanRate, shortcutPj, rows }) {
  return [
    bars({
      title: `${name} and its ANN twin, ${process}`,
      categories: rows.map(({ model }) => model),
      yName: "µJ per image",
      lying: true,
      logarithmic: true,
      format: (microjoule) => microjoules(1e6 * microjoule),
      series: [
        { name: "SNN", values: rows.map(({ snn }) => snn.totalPj / 1e6) },
        { name: "ANN twin", values: rows.map(({ ann }) => ann.totalPj / 1e6) },
      ],
    }),
    table({
      caption: `Energy of ${name} in microjoules per image, ${process}`,
      head: ["model", "SNN", "ANN twin", "ANN/SNN", "break-even rate"],
      rows: rows.map(({ model, snn, ann, ratio, breakEvenRate }) => [
        model,
        microjoules(snn.totalPj),
        microjoules(ann.totalPj),
        digits(ratio, 2),
        breakEvenRate === null ? "–" : percent(breakEvenRate),
      ]),
    }),
    note(
      `Mean rate ${percent(meanRate)} per timestep; the field's shortcut (rate x dense operations) would say ` +
        `${microjoules(shortcutPj)} µJ. Constants: ${source}.`,
    ),
  ];
}

function chipTable(name, chips) {
  if (chips.length === 0) return [];
  return table({
    caption: `Published energies of chips times the synaptic operations of ${name}; they differ in what they include`,
    head: ["chip", "pJ per synaptic operation", "µJ per image", "source"],
    text: [3],
    rows: chips.map((chip) => [
      chip.name,
      String(chip.pjPerSynapticOperation),
      microjoules(chip.totalPj),
      chip.source,
    ]),
  });
}

function operationTable(name, { layers, auxiliary }) {
  return table({
    caption: `Operations of ${name} per image; below the layers what is not a synapse`,
    head: ["layer", "input", "inputs other than 0", "accumulates", "MACs", "rate x dense", "MACs of the ANN"],
    text: [1],
    rows: [
      ...layers.map((layer) => [
        layer.name,
        layer.input,
        ...["events", "accumulates", "multiplyAccumulates", "shortcut", "denseMacs"].map((key) =>
          whole(layer[key]),
        ),
      ]),
      ...auxiliary.map((row) => [
        row.name,
        row.draws > 0 ? `${whole(row.draws)} random numbers` : "",
        "",
        whole(row.accumulates),
        whole(row.multiplyAccumulates),
        "",
        "",
      ]),
    ],
  });
}

function robustnessPanel({ runs }) {
  const measured = runs.filter(({ robustness }) => robustness);
  const kinds = [...new Set(measured.flatMap(({ robustness }) => robustness.curves.map(({ kind }) => kind)))];
  if (kinds.length === 0) return [];
  const curvesOf = (kind) =>
    measured.flatMap(({ name, color, robustness }) => {
      const curve = robustness.curves.find((candidate) => candidate.kind === kind);
      const points = curve?.points.toSorted((a, b) => a.strength - b.strength);
      return curve ? [{ name, color, unit: curve.unit, points }] : [];
    });
  return [
    note("Whiskers: 95 % intervals over images. Relative area: 1 would be a score that never falls."),
    element(
      "div",
      { class: "charts" },
      kinds.map((kind) =>
        lines({
          title: `Mean IoU under ${kind}`,
          xName: curvesOf(kind)[0].unit,
          yName: "mean IoU",
          fromZero: true,
          series: curvesOf(kind).map(({ name, color, points }) => ({
            name,
            color,
            points: points.map(({ strength, meanIoU }) => [strength, meanIoU]),
            band: points.map(({ strength, interval: range }) => [strength, range.low, range.high]),
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
