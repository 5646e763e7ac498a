/** The curves of one run, or of several over each other. */

import { barsOf, colorOf, linesOf } from "../charts.js";
import { digits } from "../dom.js";
import { meanRate, ratesPerTimestep, scientific } from "./words.js";

/** Lines over epochs; the title says what they are, so that the axis need not. Those without points are left out. */
function overEpochs(title, lines, format = digits) {
  const series = lines.filter(({ points }) => points.length > 0);
  const made = linesOf({ title, xName: "epoch", yName: "", series, whole: true, format });
  return { ...made, head: ["line, epoch", "value"], rows: made.rows.map(([line, value]) => [line, value]) };
}

const pointsOf = (records, value) =>
  records.map((record) => [record.epoch, value(record)]).filter(([, y]) => typeof y === "number");

/** Charts of a run, by name. */
export function curvesOfRun({ epochLines, evaluations, latest, timesteps }) {
  const layers = Object.keys(epochLines.at(-1)?.rates ?? {});
  const rateOf = (layer) => (record) => new Map(ratesPerTimestep(record, timesteps)).get(layer);
  const line = (name, k, points) => ({ name, color: colorOf(k), points });
  const ofEpochs = (value) => pointsOf(epochLines, value);
  const ofEvaluations = (value) => pointsOf(evaluations, value);
  return {
    loss: overEpochs("Loss", [
      line(
        "training",
        0,
        ofEpochs(({ loss }) => loss),
      ),
      line(
        "evaluation",
        1,
        ofEvaluations(({ loss }) => loss),
      ),
    ]),
    scores: overEpochs("Scores", [
      line(
        "mean IoU",
        0,
        ofEvaluations(({ meanIoU }) => meanIoU),
      ),
      line(
        "pixel accuracy",
        2,
        ofEvaluations(({ pixelAccuracy }) => pixelAccuracy),
      ),
      line(
        "baseline mean IoU",
        5,
        ofEvaluations(() => latest.baselineMeanIoU),
      ),
    ]),
    learningRate: overEpochs(
      "Learning rate",
      [
        line(
          "learning rate",
          0,
          ofEpochs(({ lr }) => lr),
        ),
      ],
      scientific,
    ),
    rates: overEpochs(
      "Spikes per neuron and timestep",
      layers.map((layer, k) => line(layer, k, ofEpochs(rateOf(layer)))),
    ),
  };
}

/** The same kinds of charts with a line a run. */
export function curvesOfRuns(runs) {
  const perRun = (pointsOfRun) =>
    runs.map((run) => ({ name: run.name, color: run.color, points: pointsOfRun(run) }));
  const ofEpochs = (value) => perRun(({ epochLines }) => pointsOf(epochLines, value));
  return {
    loss: overEpochs(
      "Training loss",
      ofEpochs(({ loss }) => loss),
    ),
    scores: overEpochs(
      "Mean IoU",
      perRun(({ evaluations }) => pointsOf(evaluations, ({ meanIoU }) => meanIoU)),
    ),
    learningRate: overEpochs(
      "Learning rate",
      ofEpochs(({ lr }) => lr),
      scientific,
    ),
    rates: overEpochs(
      "Spikes per neuron and timestep, mean of the layers",
      perRun(({ epochLines, timesteps }) => pointsOf(epochLines, (record) => meanRate(record, timesteps))),
    ),
  };
}

/** IoU per class of the latest evaluations; runs whose classes differ from the first one's are left out. */
export function classBars(runs) {
  const scored = runs.filter(({ latest }) => latest !== null);
  const namesOf = ({ classes, latest }) => classes ?? latest.perClassIoU.map((_, k) => `class ${k}`);
  const names = scored.length === 0 ? [] : namesOf(scored[0]);
  const alike = scored.filter((run) => String(namesOf(run)) === String(names));
  return barsOf({
    title: "IoU per class, latest evaluation",
    categories: names,
    yName: "IoU",
    lying: true,
    room: 120,
    series: alike.map(({ name, color, latest }) => ({ name, color, values: latest.perClassIoU })),
  });
}
