/** Files of ONNX in ONNX Runtime, as another program would run them. */
import * as ort from "onnxruntime-web";
import { readOnnx } from "../src/export/index.js";

ort.env.wasm.numThreads = 1;

/** What comes out. */
export interface RuntimeValue {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

type Fed = readonly [Float32Array, readonly number[]];

/** Runs a file once. @param feeds - values and shapes by input */
export async function runOnnx(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Fed>>,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<Record<string, RuntimeValue>> {
  const session = await ort.InferenceSession.create(bytes, options);
  const inputs = Object.entries(feeds).map(
    ([name, [data, dims]]) => [name, new ort.Tensor("float32", data, dims)] as const,
  );
  const results = await session.run(Object.fromEntries(inputs));
  await session.release();
  return results as unknown as Record<string, RuntimeValue>;
}

/** Scores after some timesteps of a file of the form `step` on the same frame. */
export async function runSteps(
  bytes: Uint8Array,
  { frame: [data, dims], steps }: { readonly frame: Fed; readonly steps: number },
): Promise<RuntimeValue> {
  const session = await ort.InferenceSession.create(bytes);
  const frame = new ort.Tensor("float32", data, dims);
  const nothing = new ort.Tensor("float32", new Float32Array(1), [1, 1, 1, 1]);
  const names = (readOnnx(bytes).meta.states ?? []).map(({ name }) => name);
  let results: ort.InferenceSession.OnnxValueMapType = {};
  for (let t = 0; t < steps; t++) {
    const states = names.map((name) => [`state.${name}`, results[`next.${name}`] ?? nothing] as const);
    const time = new ort.Tensor("int64", BigInt64Array.of(BigInt(t)), []);
    results = await session.run({ frame, t: time, ...Object.fromEntries(states) });
  }
  await session.release();
  return results.logits as unknown as RuntimeValue;
}
