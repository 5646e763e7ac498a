/** The page of one run. */

import { colorOf, drawCharts } from "../charts.js";
import { digits, element, note, table } from "../dom.js";
import { detailsOf } from "./details.js";
import { liveChart } from "./live-chart.js";
import { classBars, curvesOfRun } from "./run-curves.js";
import { aboutRun, beganAt, epochsOf, meanRate, scientific, timeLeft } from "./words.js";

export function runView(id, { name }) {
  const state = element("span");
  const about = element("span");
  const left = element("span");
  const problem = element("p", { class: "problem", role: "alert", hidden: "" });
  const tiles = element("dl", { class: "tiles" });
  const charts = element("div", { class: "charts" });
  const classes = element("div", { class: "classes" });
  const pictures = element("div", { class: "pictures" });
  const link = (to, words) => element("a", { href: `/api/runs/${id}/${to}`, hidden: "" }, words);
  const live = link("live", "Try it live");
  const report = link("report", "Report of the run");
  const facts = element("div");
  const section = (title, ...content) => element("section", {}, element("h2", {}, title), ...content);
  const parts = element(
    "div",
    { hidden: "" },
    ...[problem, tiles, element("p", { class: "links" }, live, report)],
    section("Curves", charts),
    section("Classes", classes),
    section("Pictures", pictures),
    section("What was run", facts),
  );
  let draw;
  const details = detailsOf([id], (known) => {
    const run = known.get(id);
    if (run === undefined) return;
    draw ??= drawing({ charts, classes, pictures, facts });
    parts.hidden = false;
    draw(run);
    tiles.replaceChildren(...tilesOf(run));
    problem.hidden = run.problem === null;
    problem.textContent = run.problem ?? "";
    live.hidden = !run.hasCheckpoint;
    report.hidden = !run.hasReport;
    drawCharts(document.body);
  });
  return {
    title: `${name} · snnseg`,
    content: [element("h1", {}, name), element("p", { class: "summary" }, state, left, about), parts],
    update(store) {
      const run = store.runs.get(id);
      state.className = `state ${run?.state ?? "gone"}`;
      state.textContent = run?.state ?? "not there";
      left.textContent = run === undefined ? "" : timeLeft(run);
      left.hidden = left.textContent === "";
      about.textContent = run === undefined ? "There is no such run, or none any more." : aboutRun(run);
      details.update(store.runs);
    },
    close: details.close,
  };
}

function tilesOf(run) {
  const { best, latest, epochLines, timesteps } = run;
  const epoch = epochLines.at(-1);
  const rate = epoch && meanRate(epoch, timesteps);
  const tile = (name, value, small = "") =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value, element("small", {}, small)));
  return [
    tile(
      "epochs",
      epochsOf(run),
      epoch?.time.seconds ? `the last took ${epoch.time.seconds.toFixed(1)} s` : "",
    ),
    tile("best mean IoU", digits(best?.meanIoU), best ? `after epoch ${best.epoch}` : "no evaluation yet"),
    tile(
      "latest mean IoU",
      digits(latest?.meanIoU),
      latest ? `baseline ${digits(latest.baselineMeanIoU)}` : "",
    ),
    tile("training loss", digits(epoch?.loss), epoch?.lr ? `learning rate ${scientific(epoch.lr)}` : ""),
    ...(rate === undefined ? [] : [tile("spikes", digits(rate), "per neuron and timestep")]),
    ...(epoch?.silentLayers.length
      ? [tile("silent layers", epoch.silentLayers.join(", "), "no neuron fired")]
      : []),
  ];
}

/** Makes the parts that are drawn once and changed then. */
function drawing({ charts, classes, pictures, facts }) {
  let made;
  let shownPictures = "";
  let shownFacts = "";
  return (run) => {
    const curves = curvesOfRun(run);
    const bars = classBars([{ ...run, color: colorOf(0) }]);
    if (made === undefined) {
      made = {
        loss: liveChart(curves.loss, "After the first epoch."),
        scores: liveChart(curves.scores, "After the first evaluation."),
        learningRate: liveChart(curves.learningRate, "After the first epoch."),
        rates: liveChart(
          curves.rates,
          run.model === "ann" ? "A network without spikes." : "After the first epoch with spikes.",
        ),
        classes: liveChart(bars, "After the first evaluation."),
      };
      charts.append(made.loss.figure, made.scores.figure, made.learningRate.figure, made.rates.figure);
      classes.append(made.classes.figure);
    } else {
      for (const [name, description] of Object.entries({ ...curves, classes: bars }))
        made[name].update(description);
    }
    const versions = run.pictures.map(({ version }) => version).join();
    if (versions !== shownPictures || !pictures.hasChildNodes()) pictures.replaceChildren(...figuresOf(run));
    shownPictures = versions;
    const about = JSON.stringify([run.options, run.environment]);
    if (about !== shownFacts) facts.replaceChildren(...factsOf(run));
    shownFacts = about;
  };
}

function figuresOf({ id, name, pictures, state }) {
  if (pictures.length === 0) {
    return [note(state === "running" ? "They come when training has ended." : "It left none.")];
  }
  return pictures.map((picture) => {
    const source = `/api/runs/${id}/pictures/${picture.version}`;
    const image = element("img", { src: source, alt: `${picture.name} of ${name}`, loading: "lazy" });
    return element(
      "figure",
      {},
      element("a", { href: source }, image),
      element("figcaption", {}, picture.name),
    );
  });
}

function factsOf(run) {
  const { path, options, environment } = run;
  return [
    note(`${path}, began ${beganAt(run)}`),
    table({ caption: "Options", head: ["option", "value", "from"], rows: options, text: [1, 2] }),
    table({
      caption: "Versions and machine",
      head: ["fact", "value"],
      rows: Object.entries(environment).map(([fact, value]) => [fact, String(value)]),
      text: [1],
    }),
  ];
}
