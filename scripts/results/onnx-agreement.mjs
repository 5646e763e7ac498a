#!/usr/bin/env node
/**
 * Exports runs to ONNX and to a page's network, runs both in other runtimes on the split that their training scored, and compares
 * classes and scores with `snnseg eval --precision fp32`, runtimes with each other, and the page's kernels with ONNX Runtime on a
 * graph of their integers: the tables of docs/results/onnx.md.
 *
 *     npx tsc -p tsconfig.bench.json
 *     scripts/results/onnx-agreement.mjs RUN... [--limit BATCHES] [--chromium] [--python PYTHON]
 *
 * `--chromium` runs the files in Debian's Chromium, too; `--python` names an interpreter with onnxruntime and numpy, for its native kernels.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { pageGraph } from "../../build/bench/tests/page-graph.js";
import { readOnnx } from "../../dist/entries/export.js";
import { copyInto } from "../../dist/entries/ops.js";
import { exportRun, openTrainedRun } from "../../dist/entries/runs.js";
import { openWebNetwork, webEngines } from "../../dist/entries/web.js";
import { ConfusionMatrix, evaluate, noGrad, scope, scoresOf, tensorFrom } from "../../dist/index.js";
import { readModel } from "../../dist/web/read-model.js";
import { digestsInChromium, launchChromium } from "./runtimes/chromium.mjs";
import { classesOf, digest, scoresInNode, scoresStepByStep } from "./runtimes/node.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: "string" }, chromium: { type: "boolean" }, python: { type: "string" } },
});
if (positionals.length === 0)
  throw new Error("usage: onnx-agreement.mjs RUN... [--limit BATCHES] [--chromium] [--python PYTHON]");
const limitBatches = values.limit === undefined ? null : Number(values.limit);
const folder = mkdtempSync(join(tmpdir(), "snnseg-onnx-"));
const browser = values.chromium ? await launchChromium() : undefined;
const percent = (share) => `${(100 * share).toFixed(3)} %`;
const points = (share) => (100 * share).toFixed(2);

/** Weights off by half a unit in the last place: how much a network answers otherwise where only roundings differ. */
function nudge(model) {
  for (const [name, weight] of model.parameters()) {
    if (!name.endsWith(".weight") || weight.shape.length !== 4) continue;
    const values = weight.toFloat32Array().map((value, i) => value * (1 + ((i % 3) - 1) * 2 ** -24));
    scope("nudge", () => noGrad(() => copyInto(weight, tensorFrom(values, weight.shape))));
  }
}

const flat = (lists) => Uint8Array.from(lists.flatMap((list) => [...list]));
/** The share of pixels of the same class, of lists of any number of images each. */
function sameClasses(a, b) {
  const [left, right] = [flat(a), flat(b)];
  return left.filter((k, i) => k === right[i]).length / left.length;
}

/** Native kernels with an optimisation level: digests and classes of all batches. */
function native(file, count, level) {
  const args = [join(import.meta.dirname, "runtimes/native.py"), file, folder, level];
  const { status, stdout, stderr } = spawnSync(values.python, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1));
  const classes = Array.from({ length: count }, (_, n) => readFileSync(join(folder, `${n}.classes`)));
  return { digests: stdout.trim().split("\n"), classes };
}

/** "the same bits" or the share of the same classes, of other runtimes against this process. */
async function elsewhere(file, batches, scores) {
  const own = scores.map(({ data }) => digest(data));
  const isSame = (digests) => digests.every((each, n) => each === own[n]);
  const found = [];
  if (browser) {
    found.push(
      `Chromium ${isSame(await digestsInChromium(browser, file, batches)) ? "the same bits" : "OTHER BITS"}`,
    );
  }
  for (const level of values.python ? ["all", "none"] : []) {
    const { digests, classes } = native(file, batches.length, level);
    const share = sameClasses(
      classes,
      scores.map(({ data, dims }) => classesOf(data, dims)),
    );
    found.push(
      `native, ${level === "all" ? "" : "not "}optimised ${isSame(digests) ? "the same bits" : percent(share)}`,
    );
  }
  return found.join("; ");
}

for (const path of positionals) {
  const run = await openTrainedRun(path);
  const { config } = run.model;
  const timesteps = config.timesteps ?? 1;
  const batches = [];
  const options = { input: run.input, trainPixels: run.trainPixels, limitBatches };
  const own = await evaluate(run.model, run.loader, {
    ...options,
    onPrediction: ({ images, shape, labels }, predictions) =>
      batches.push({
        images: images.slice(),
        shape,
        labels: labels.slice(),
        predictions: predictions.slice(),
      }),
  });
  batches.forEach(({ images, shape }, n) => {
    writeFileSync(join(folder, `${n}.bin`), images);
    writeFileSync(join(folder, `${n}.json`), JSON.stringify(shape));
  });
  const predictions = batches.map((batch) => batch.predictions);
  const found = new Set(predictions.flatMap((each) => [...new Set(each)])).size;
  const name = config.arch.name ?? config.arch;
  const network = `${name}, ${config.kind === "ann" ? "ANN" : `${config.neuron ?? "lif"}, T = ${timesteps}`}`;
  const meanIoU = (classes) => {
    const matrix = new ConfusionMatrix(run.meta.classes.length);
    matrix.add(flat(batches.map(({ labels }) => labels)), flat(classes));
    return scoresOf(matrix).meanIoU;
  };
  const row = (...cells) => console.log(`| ${[basename(path), network, ...cells].join(" | ")} |`);

  const kinds = [{ form: "folded", precision: "fp32" }];
  if (config.kind === "snn") kinds.push({ form: "step", precision: "fp32" });
  if (config.kind === "snn" || config.activationLevels > 0) kinds.push({ form: "folded", precision: "int8" });
  let folded;
  for (const { form, precision } of kinds) {
    const file = join(folder, `${basename(path)}-${form}-${precision}.onnx`);
    const isAnn = config.kind === "ann";
    const { bytes } = await exportRun(path, {
      to: "onnx",
      form: isAnn ? undefined : form,
      precision,
      output: file,
    });
    const { states = [] } = readOnnx(readFileSync(file)).meta;
    const scores =
      form === "step"
        ? await scoresStepByStep(file, batches, { states, timesteps })
        : await scoresInNode(file, batches);
    const classes = scores.map(({ data, dims }) => classesOf(data, dims));
    if (form === "folded" && precision === "fp32") folded = scores;
    const isFolded = () => scores.every(({ data }, n) => digest(data) === digest(folded[n].data));
    row(
      ...[
        `${form} ${precision}`,
        `${(bytes / 1e6).toFixed(2)} MB`,
        percent(sameClasses(classes, predictions)),
      ],
      ...[points(meanIoU(classes)), points(own.scores.meanIoU), `${found} of ${run.meta.classes.length}`],
      form === "step"
        ? `folded ${isFolded() ? "the same bits" : "OTHER BITS"}`
        : await elsewhere(file, batches, scores),
    );
  }

  const page = join(folder, `${basename(path)}.web.safetensors`);
  await exportRun(path, { to: "web-network", output: page });
  const model = new Uint8Array(readFileSync(page));
  const engine = webEngines().find((each) => each !== "javascript");
  const web = await openWebNetwork(model, { engine });
  const perImage = batches.flatMap(({ images, shape }) => {
    const length = images.length / shape[0];
    return Array.from({ length: shape[0] }, (_, n) => images.slice(n * length, (n + 1) * length));
  });
  const shape = [1, ...batches[0].shape.slice(1)];
  const pageScores = perImage.map((frame) => {
    web.begin();
    for (let t = 0; t < timesteps; t++) web.step(t === 0 ? frame : undefined);
    return { labels: web.labels(), scores: web.scores() };
  });
  const labels = pageScores.map((each) => each.labels);
  let inOrt;
  try {
    const file = join(folder, "page.onnx");
    writeFileSync(file, pageGraph(readModel(model)));
    const sums = await scoresInNode(
      file,
      perImage.map((images) => ({ images, shape })),
      "sums",
    );
    const share = sameClasses(
      labels,
      sums.map(({ data, dims }) => classesOf(data, dims)),
    );
    const areSame = sums.every(
      ({ data }, n) => digest(data.map((sum) => (1 / timesteps) * sum)) === digest(pageScores[n].scores),
    );
    inOrt = `ONNX Runtime on its integers ${percent(share)}${areSame ? ", the same bits" : ""}`;
  } catch (error) {
    inOrt = error.message;
  }
  row(
    ...[
      `page, ${engine}`,
      `${(model.length / 1e6).toFixed(2)} MB`,
      percent(sameClasses(labels, predictions)),
    ],
    ...[points(meanIoU(labels)), points(own.scores.meanIoU), `${found} of ${run.meta.classes.length}`, inOrt],
  );

  nudge(run.model);
  const nudged = [];
  await evaluate(run.model, run.loader, { ...options, onPrediction: (_, each) => nudged.push(each.slice()) });
  row("weights off by half a unit in the last place", "", percent(sameClasses(nudged, predictions)));
  await run[Symbol.asyncDispose]();
}
await browser?.close();
rmSync(folder, { recursive: true });
