/**
 * Our side of the comparison, made of what `snnseg bench infer` and `snnseg bench step` time. The argument is a JSON object:
 *
 * - `batchSize`, `timesteps`, `imgSize`, `threads`, and `density` or none;
 * - `write`: a file to write weights, frames and labels to for the peers, and, with `reference`, what we compute from them.
 *   Nothing is timed then;
 * - otherwise the process speaks as `peer.py` does; a line is `infer fast`, `infer int8` or `step bf16`.
 */
import { createInterface } from "node:readline";
import {
  forceDensity,
  GradientCopy,
  inferencePair,
  openWorkload,
  trainingPair,
} from "../../dist/benchmarks/index.js";
import { noGrad, scope } from "../../dist/engine/index.js";
import { versions } from "../../dist/environment/index.js";
import { writeSafetensors } from "../../dist/serialization/index.js";
import { computingOf } from "../../dist/training/index.js";
import { memory, resetPeak } from "./resident.mjs";

const { density, write, reference, ...setting } = JSON.parse(process.argv[2]);
const open = (precision) => openWorkload({ arch: "dl-vgg9", ...setting, precision });
if (write === undefined) await serve();
else await writeTensors();

async function writeTensors() {
  const { model, batch, encode } = await open("fp32");
  const tensors = new Map();
  const add = (name, tensor) =>
    tensors.set(name, { dtype: "float32", shape: tensor.shape, data: tensor.toFloat32Array() });
  scope("write", () => {
    const frames = encode();
    if (reference) settle(model, frames);
    for (const [name, tensor] of model.state()) add(name, tensor);
    add("frames", frames);
    tensors.set("labels", { dtype: "uint8", shape: batch.labelShape, data: batch.labels });
    if (!reference) return;
    model.setTraining(false);
    add("scores", noGrad(() => model.forward(frames)).logits);
    const pair = trainingPair({ model, batch }, frames);
    const copy = new GradientCopy(model.parameters());
    const { loss } = pair.train(model, copy);
    tensors.set("loss", { dtype: "float32", shape: [1], data: Float32Array.of(loss) });
    for (const [name, gradient] of copy.gradients) add(`gradient.${name}`, gradient);
    for (const [name, buffer] of model.buffers()) add(`after.${name}`, buffer);
  });
  await writeSafetensors(write, tensors);
}

/** Running statistics that are the input's, nearly: with fresh ones hardly a neuron fires in inference. */
function settle(model, frames) {
  model.setTraining(true);
  for (let pass = 0; pass < 40; pass++) scope("settle", () => void noGrad(() => model.forward(frames)));
}

async function serve() {
  const ways = await makeWays();
  const names = [...ways.keys()].map((name) => {
    const [work, precision] = name.split(" ");
    return { work, precision };
  });
  const initial = resetPeak() ? memory("RssAnon") : null;
  answer({ ...versions(), ways: names });
  for await (const line of createInterface({ input: process.stdin }))
    answer(measure(ways.get(line), initial));
}

/** What can be timed: inference in both precisions, training in `bf16` and in what `auto` takes here. */
async function makeWays() {
  const ways = new Map();
  const auto = computingOf({ device: "cpu", precision: "auto", model: "snn" }).precision;
  for (const training of new Set(["bf16", auto])) {
    const work = await open(training);
    const { model } = work;
    const frames = scope("frames", work.encode);
    if (density !== undefined) forceDensity(model, frames, density);
    if (training === "bf16") {
      for (const precision of ["fast", "int8"]) {
        ways.set(`infer ${precision}`, inferencePair({ model, precision }, frames).ours);
      }
    }
    ways.set(`step ${training}`, trainingPair(work, frames).ours);
  }
  return ways;
}

function measure(work, initial) {
  resetPeak();
  const cpu = process.cpuUsage();
  const start = performance.now();
  scope("work", () => void work());
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const peakBytes = initial === null ? null : memory("VmHWM") - memory("RssFile") - initial;
  return { ms, cpuMs: (user + system) / 1000, peakBytes };
}

function answer(object) {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}
