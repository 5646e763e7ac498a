/**
 * Milliseconds a frame of networks on the kernels of src/web and of their files in ONNX Runtime's WASM, in Node, on one thread: all in turn,
 * a second each, after a round of warming up; medians and minima.
 *
 * `node --experimental-wasm-relaxed-simd bench/web.mjs [--size 48x64] [--rounds 5]`
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-web";
import { add, mul, rand } from "../dist/entries/ops.js";
import { exportTargets, foldNetwork, writeWebModel } from "../dist/export/index.js";
import { createModel, noGrad, scope } from "../dist/index.js";
import { openWebNetwork, webEngines } from "../dist/web/index.js";

const { values: options } = parseArgs({
  options: { size: { type: "string", default: "48x64" }, rounds: { type: "string", default: "5" } },
});
ort.env.wasm.numThreads = 1;
const [height, width] = options.size.split("x").map(Number);
const shape = { kind: "snn", inputChannels: 3, numClasses: 11 };
const integers = { ...shape, timesteps: 1, neuron: "integer", levels: 4, norm: "affine" };
const networks = {
  "dl-vgg9, T = 4": { ...shape, arch: "dl-vgg9", timesteps: 4, threshold: 1 },
  "dl-vgg9, integers, T = 1": { ...integers, arch: "dl-vgg9" },
  "dwnet, integers, T = 1": { ...integers, arch: "dwnet" },
};

const channels = [0, 1, 2].map((source) => ({ source, subtract: 127, divide: 64 }));
const classes = Array.from({ length: 11 }, (_, k) => `class ${k}`);
const about = { name: "bench", classes, colors: classes.map((_, k) => [20 * k, 20 * k, 20 * k]) };
const page = { kind: "picture", size: [height, width], fit: "stretch", encoding: "direct", channels };

/** A network whose running statistics are those of its input, so that it fires as after training, in both formats. */
async function filesOf(settings) {
  const model = createModel(settings, { seed: 1 });
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 60; n++) {
      scope("batch", () => void model.forward(add(mul(rand([2, 3, 24, 32], n), 4), -2)));
    }
    model.setTraining(false);
  });
  const network = foldNetwork(model);
  model.dispose();
  const input = { ...page, channels: 3, scale: channels, preprocessing: "imagenet" };
  const meta = {
    ...about,
    input,
    encoding: "direct",
    timesteps: settings.timesteps,
    architecture: "",
    snnseg: "",
  };
  const onnx = async (precision) =>
    (await exportTargets.onnx.write(network, meta, { form: "folded", precision })).bytes;
  return {
    web: writeWebModel(network, { ...about, input: page }),
    onnx: { fp32: await onnx("fp32"), int8: await onnx("int8") },
  };
}

const frame = Float32Array.from(
  { length: 3 * height * width },
  (_, i) => (4 * ((i * 2654435761) % 2 ** 32)) / 2 ** 32 - 2,
);

/** One frame, as a page has it. */
async function ours(bytes, engine) {
  const network = await openWebNetwork(bytes, { engine });
  const run = () => {
    network.begin();
    for (let t = 0; t < network.description.timesteps; t++) network.step(t === 0 ? frame : undefined);
    network.labels();
  };
  const fires = () => {
    const rates = network
      .activity()
      .map(({ total, shape: [c, h, w] }) => total / (c * h * w * network.steps));
    return `, fires ${(100 * Math.min(...rates)).toFixed(0)} to ${(100 * Math.max(...rates)).toFixed(0)} %`;
  };
  return { run, fires };
}

async function runtimes(bytes) {
  const session = await ort.InferenceSession.create(bytes);
  const image = new ort.Tensor("float32", frame, [1, 3, height, width]);
  return { run: () => session.run({ image }) };
}

async function timed(run, times) {
  const end = performance.now() + 1000;
  do {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  } while (performance.now() < end);
}

console.log(`${cpus()[0].model}, Node ${process.version}, ${height}x${width}`);
for (const [name, settings] of Object.entries(networks)) {
  const { web, onnx } = await filesOf(settings);
  const engines = webEngines().filter((engine) => engine !== "javascript");
  const contestants = [];
  for (const engine of engines) contestants.push({ title: engine, ...(await ours(web, engine)) });
  for (const precision of ["fp32", "int8"]) {
    contestants.push({ title: `onnxruntime-web ${precision}`, ...(await runtimes(onnx[precision])) });
  }
  const times = contestants.map(() => []);
  for (let round = -1; round < Number(options.rounds); round++) {
    for (const [n, { run }] of contestants.entries()) await timed(run, round < 0 ? [] : times[n]);
  }
  for (const each of times) each.sort((a, b) => a - b);
  const median = (n) => times[n][times[n].length >> 1];
  for (const [n, { title, fires }] of contestants.entries()) {
    const share = n === 0 ? "" : `, ${(median(n) / median(0)).toFixed(1)} times the first`;
    console.log(
      `${name}, ${title}: median ${median(n).toFixed(1)} ms, best ${times[n][0].toFixed(1)} ms${share}${fires?.() ?? ""}`,
    );
  }
  console.log(`${name}: ${(web.length / 1e6).toFixed(2)} MB`);
}
