/** Several runs side by side. */

import { colorOf, drawCharts } from "../charts.js";
import { digits, element, note, table } from "../dom.js";
import { detailsOf } from "./details.js";
import { liveChart } from "./live-chart.js";
import { classBars, curvesOfRuns } from "./run-curves.js";
import { epochsOf, meanRate, networkOf } from "./words.js";

export function compareView(ids) {
  const scores = element("div");
  const charts = element("div", { class: "charts" });
  const classes = element("div", { class: "classes" });
  const options = element("div");
  const section = (title, ...content) => element("section", {}, element("h2", {}, title), ...content);
  let made;
  const details = detailsOf(ids, (known) => {
    const runs = named(
      ids.flatMap((id, i) => (known.has(id) ? [{ ...known.get(id), color: colorOf(i) }] : [])),
    );
    scores.replaceChildren(...scoreTable(runs));
    options.replaceChildren(...differences(runs));
    const drawn = { ...curvesOfRuns(runs), classes: classBars(runs) };
    if (made === undefined) {
      made = Object.fromEntries(
        Object.entries(drawn).map(([name, description]) => [
          name,
          liveChart(description, "Nothing to show yet."),
        ]),
      );
      charts.append(made.loss.figure, made.scores.figure, made.learningRate.figure, made.rates.figure);
      classes.append(made.classes.figure);
    } else {
      for (const [name, description] of Object.entries(drawn)) made[name].update(description);
    }
    drawCharts(document.body);
  });
  return {
    title: "comparison · snnseg",
    content: [
      element("h1", {}, "Comparison"),
      scores,
      section("Curves", charts),
      section("Classes", classes),
      section("Options that differ", options),
    ],
    update: ({ runs }) => details.update(runs),
    close: details.close,
  };
}

/** Runs whose folders have the same name are told apart by their paths. */
function named(runs) {
  const isTwice = (name) => runs.filter((run) => run.name === name).length > 1;
  return runs.map((run) => (isTwice(run.name) ? { ...run, name: run.path } : run));
}

function scoreTable(runs) {
  if (runs.length === 0) return [note("None of these runs is there any more.")];
  const head = [
    "run",
    "state",
    "network",
    "T",
    "epochs",
    "best mean IoU",
    "of epoch",
    "spikes per neuron and timestep",
    "seconds of last epoch",
  ];
  const rows = runs.map((run) => {
    const epoch = run.epochLines.at(-1);
    const name = element("a", { href: `#/run/${run.id}` }, run.name);
    const mark = element("i", { class: "mark", style: `background:${run.color}` });
    return [
      element("span", {}, mark, name),
      ...[run.state, networkOf(run), String(run.timesteps ?? "–"), epochsOf(run)],
      ...[digits(run.best?.meanIoU), String(run.best?.epoch ?? "–")],
      digits(epoch && meanRate(epoch, run.timesteps)),
      digits(epoch?.time.seconds ?? undefined, 1),
    ];
  });
  return [table({ caption: "Scores", head, rows, text: [1, 2] })];
}

function differences(runs) {
  const values = runs.map(({ options }) => new Map(options.map(([name, value]) => [name, value])));
  const names = [...new Set(values.flatMap((map) => [...map.keys()]))];
  const rows = names
    .map((name) => [name, ...values.map((map) => map.get(name) ?? "–")])
    .filter(([, ...row]) => new Set(row).size > 1);
  if (rows.length === 0) return [note("None.")];
  const head = ["option", ...runs.map(({ name }) => name)];
  return [table({ caption: "Options that differ", head, rows, text: head.map((_, i) => i) })];
}
