/** Files of ONNX in ONNX Runtime's WASM in this process. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;

/** The class of every pixel, `[N, H, W]`, of scores `[N, K, H, W]`. */
export function classesOf(data, [images, classes, height, width]) {
  const pixels = height * width;
  return Uint8Array.from({ length: images * pixels }, (_, i) => {
    const first = Math.floor(i / pixels) * classes * pixels + (i % pixels);
    let best = 0;
    for (let k = 1; k < classes; k++) if (data[first + k * pixels] > data[first + best * pixels]) best = k;
    return best;
  });
}

/** What runtimes are compared by. */
export const digest = (data) =>
  createHash("sha256")
    .update(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");

/** The scores of batches, all timesteps in one call. @param output - its name */
export async function scoresInNode(file, batches, output = "logits") {
  const session = await ort.InferenceSession.create(readFileSync(file));
  const all = [];
  for (const { images, shape } of batches) {
    const results = await session.run({ image: new ort.Tensor("float32", images, shape) });
    all.push({ data: results[output].data, dims: results[output].dims });
  }
  await session.release();
  return all;
}

/** The same, one timestep a call. @param states - names of the maps that are carried */
export async function scoresStepByStep(file, batches, { states, timesteps }) {
  const session = await ort.InferenceSession.create(readFileSync(file));
  const nothing = new ort.Tensor("float32", new Float32Array(1), [1, 1, 1, 1]);
  const all = [];
  for (const { images, shape } of batches) {
    const frame = new ort.Tensor("float32", images, shape);
    let results = {};
    for (let t = 0; t < timesteps; t++) {
      const carried = states.map(({ name }) => [`state.${name}`, results[`next.${name}`] ?? nothing]);
      const time = new ort.Tensor("int64", BigInt64Array.of(BigInt(t)), []);
      results = await session.run({ frame, t: time, ...Object.fromEntries(carried) });
    }
    all.push({ data: results.logits.data, dims: results.logits.dims });
  }
  await session.release();
  return all;
}
