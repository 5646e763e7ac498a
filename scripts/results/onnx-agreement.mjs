#!/usr/bin/env node
/**
 * Exports runs to ONNX, runs the files in ONNX Runtime on the split that their training scored, and compares classes and scores with
 * `snnseg eval --precision fp32`: the table of docs/results/onnx.md.
 *
 *     scripts/results/onnx-agreement.mjs RUN... [--limit BATCHES]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-web";
import { readOnnx } from "../../dist/entries/export.js";
import { copyInto } from "../../dist/entries/ops.js";
import { exportRun, openTrainedRun } from "../../dist/entries/runs.js";
import { ConfusionMatrix, evaluate, noGrad, scope, scoresOf, tensorFrom } from "../../dist/index.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { limit: { type: "string" } } });
if (positionals.length === 0) throw new Error("usage: onnx-agreement.mjs RUN... [--limit BATCHES]");
ort.env.wasm.numThreads = 1;
const limitBatches = values.limit === undefined ? null : Number(values.limit);
const folder = mkdtempSync(join(tmpdir(), "snnseg-onnx-"));

/** The class of every pixel, `[N, H, W]`, of scores `[N, K, H, W]`. */
function classesOf({ data, dims: [images, classes, height, width] }) {
  const pixels = height * width;
  return Uint8Array.from({ length: images * pixels }, (_, i) => {
    const first = Math.floor(i / pixels) * classes * pixels + (i % pixels);
    let best = 0;
    for (let k = 1; k < classes; k++) if (data[first + k * pixels] > data[first + best * pixels]) best = k;
    return best;
  });
}

async function scoresStepByStep(session, frame, states, steps) {
  const nothing = new ort.Tensor("float32", new Float32Array(1), [1, 1, 1, 1]);
  let results = {};
  for (let t = 0; t < steps; t++) {
    const carried = states.map(({ name }) => [`state.${name}`, results[`next.${name}`] ?? nothing]);
    const time = new ort.Tensor("int64", BigInt64Array.of(BigInt(t)), []);
    results = await session.run({ frame, t: time, ...Object.fromEntries(carried) });
  }
  return results.logits;
}

/** A file as a function from images to scores. */
async function opened(path, { form, precision, kind, timesteps }) {
  const output = join(folder, `${basename(path)}-${form}-${precision}.onnx`);
  const { bytes } = await exportRun(path, {
    to: "onnx",
    form: kind === "ann" ? undefined : form,
    precision,
    output,
  });
  const file = readFileSync(output);
  const session = await ort.InferenceSession.create(file);
  const { states = [] } = readOnnx(file).meta;
  const answer = async (images) =>
    form === "step"
      ? scoresStepByStep(session, images, states, timesteps)
      : (await session.run({ image: images })).logits;
  return { answer, bytes };
}

/** Weights off by half a unit in the last place: how much a network answers otherwise where only roundings differ. */
function nudge(model) {
  for (const [name, weight] of model.parameters()) {
    if (!name.endsWith(".weight") || weight.shape.length !== 4) continue;
    const values = weight.toFloat32Array().map((value, i) => value * (1 + ((i % 3) - 1) * 2 ** -24));
    scope("nudge", () => noGrad(() => copyInto(weight, tensorFrom(values, weight.shape))));
  }
}

const percent = (share) => `${(100 * share).toFixed(3)} %`;
for (const path of positionals) {
  const run = await openTrainedRun(path);
  const { config } = run.model;
  const timesteps = config.timesteps ?? 1;
  const batches = [];
  const own = await evaluate(run.model, run.loader, {
    ...{ input: run.input, trainPixels: run.trainPixels, limitBatches },
    onPrediction: ({ images, shape, labels }, predictions) =>
      batches.push({
        images: images.slice(),
        shape,
        labels: labels.slice(),
        predictions: predictions.slice(),
      }),
  });
  const found = new Set(batches.flatMap(({ predictions }) => [...new Set(predictions)])).size;
  const kinds = [{ form: "folded", precision: "fp32" }];
  if (config.kind === "snn") kinds.push({ form: "step", precision: "fp32" });
  if (config.kind === "snn" || config.activationLevels > 0) kinds.push({ form: "folded", precision: "int8" });
  let folded;
  for (const { form, precision } of kinds) {
    const { answer, bytes } = await opened(path, { form, precision, kind: config.kind, timesteps });
    const matrix = new ConfusionMatrix(run.meta.classes.length);
    let [same, pixels, difference] = [0, 0, 0];
    const all = [];
    for (const { images, shape, labels, predictions } of batches) {
      const logits = await answer(new ort.Tensor("float32", images, shape));
      const classes = classesOf(logits);
      matrix.add(labels, classes);
      pixels += classes.length;
      same += classes.filter((k, i) => k === predictions[i]).length;
      all.push(logits.data);
    }
    if (form === "folded" && precision === "fp32") folded = all;
    if (form === "step") {
      difference = Math.max(
        ...all.map((data, n) => data.reduce((most, x, i) => Math.max(most, Math.abs(x - folded[n][i])), 0)),
      );
    }
    const network = `${config.arch.name ?? config.arch}, ${config.kind === "ann" ? "ANN" : `${config.neuron ?? "lif"}, T = ${timesteps}`}`;
    const row = [
      ...[
        basename(path),
        network,
        `${form} ${precision}`,
        `${(bytes / 1e6).toFixed(2)} MB`,
        percent(same / pixels),
      ],
      ...[
        `${(100 * scoresOf(matrix).meanIoU).toFixed(2)}`,
        `${(100 * own.scores.meanIoU).toFixed(2)}`,
        `${found} of ${run.meta.classes.length}`,
      ],
      form === "step" ? String(difference) : "",
    ];
    console.log(`| ${row.join(" | ")} |`);
  }
  nudge(run.model);
  let [same, pixels] = [0, 0];
  await evaluate(run.model, run.loader, {
    ...{ input: run.input, trainPixels: run.trainPixels, limitBatches },
    onPrediction(_, predictions) {
      const before = batches.shift().predictions;
      pixels += before.length;
      same += predictions.filter((k, i) => k === before[i]).length;
    },
  });
  console.log(
    `| ${basename(path)} | | weights off by half a unit in the last place | | ${percent(same / pixels)} |`,
  );
  await run[Symbol.asyncDispose]();
}
rmSync(folder, { recursive: true });
