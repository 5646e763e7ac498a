/**
 * Milliseconds a frame of networks on the kernels of src/web, in Node, on one thread: medians and minima after 3 s of warming up.
 *
 * `node --experimental-wasm-relaxed-simd bench/web.mjs [--size 48x64] [--layers]`
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { add, mul, rand } from "../dist/entries/ops.js";
import { foldNetwork, writeWebModel } from "../dist/export/index.js";
import { createModel, noGrad, scope } from "../dist/index.js";
import { openWebNetwork, webEngines } from "../dist/web/index.js";

const { values: options } = parseArgs({
  options: { size: { type: "string", default: "48x64" }, seconds: { type: "string", default: "3" } },
});
const [height, width] = options.size.split("x").map(Number);
const shape = { kind: "snn", inputChannels: 3, numClasses: 11 };
const integers = { ...shape, timesteps: 1, neuron: "integer", levels: 4, norm: "affine" };
const networks = {
  "dl-vgg9, T = 4": { ...shape, arch: "dl-vgg9", timesteps: 4, threshold: 1 },
  "dl-vgg9, integers, T = 1": { ...integers, arch: "dl-vgg9" },
  "dwnet, integers, T = 1": { ...integers, arch: "dwnet" },
};

/** A network whose running statistics are those of its input, so that it fires as after training. */
function networkFile(settings) {
  const model = createModel(settings, { seed: 1 });
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 60; n++) {
      scope("batch", () => void model.forward(add(mul(rand([2, 3, 24, 32], n), 4), -2)));
    }
    model.setTraining(false);
  });
  const channels = [0, 1, 2].map((source) => ({ source, subtract: 127, divide: 64 }));
  const input = { kind: "picture", size: [height, width], fit: "stretch", encoding: "direct", channels };
  const classes = Array.from({ length: 11 }, (_, k) => `class ${k}`);
  const colors = classes.map((_, k) => [20 * k, 20 * k, 20 * k]);
  const bytes = writeWebModel(foldNetwork(model), { name: "bench", classes, colors, input });
  model.dispose();
  return bytes;
}

/** One frame, as a page has it. */
function segment(network, frame) {
  network.begin();
  for (let t = 0; t < network.description.timesteps; t++) network.step(t === 0 ? frame : undefined);
  return network.labels();
}

function timed(run, seconds) {
  const times = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || times.length < 5) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

console.log(`${cpus()[0].model}, Node ${process.version}, ${height}x${width}`);
const frame = Float32Array.from(
  { length: 3 * height * width },
  (_, i) => (4 * ((i * 2654435761) % 2 ** 32)) / 2 ** 32 - 2,
);
for (const [name, settings] of Object.entries(networks)) {
  const bytes = networkFile(settings);
  for (const engine of webEngines().filter((engine) => engine !== "javascript")) {
    const network = await openWebNetwork(bytes, { engine });
    timed(() => segment(network, frame), Number(options.seconds));
    const times = timed(() => segment(network, frame), Number(options.seconds));
    const rates = network
      .activity()
      .map(({ total, shape: [c, h, w] }) => total / (c * h * w * network.steps));
    const shares = `${(100 * Math.min(...rates)).toFixed(0)} to ${(100 * Math.max(...rates)).toFixed(0)} %`;
    const ms = (at) => times[at].toFixed(1);
    console.log(
      `${name}, ${engine}: median ${ms(times.length >> 1)} ms, best ${ms(0)} ms, fires ${shares}, ${(bytes.length / 1e6).toFixed(2)} MB`,
    );
  }
}
