/** The compiled kernels give the bits of the plain loops. */
import { setFlagsFromString } from "node:v8";
import { describe, expect, it } from "vitest";
import { Draws } from "../../random/index.js";
import { Arena } from "./arena.js";
import { type Address, type Geometry, type Kernels, padded } from "./kernels.js";
import { plainKernels } from "./plain-kernels.js";
import { type WasmEngine, wasmEngines, wasmKernels } from "./wasm-kernels.js";
import { denseLayout, gatherLayout } from "./weight-layout.js";

/** Runs kernels on arrays that it puts into the memory, and returns the bytes of the result. */
type Job = (kernels: Kernels, arena: Arena) => Uint8Array;

// Node 20 accepts relaxed SIMD only when asked.
setFlagsFromString("--experimental-wasm-relaxed-simd");
const engines: readonly WasmEngine[] = ["wasm-simd", "wasm-relaxed-simd"];

function bytesAt({ memory }: Kernels, at: Address, length: number): Uint8Array {
  return new Uint8Array(memory.buffer).slice(at, at + length);
}

const draws = new Draws(7);
const floats = (length: number, scale = 1) =>
  Float32Array.from({ length }, () => scale * (2 * draws.uniform() - 1));
const weights = (length: number) => Int8Array.from({ length }, () => draws.integer(255) - 127);
/** Integers up to `most`, a share of which are not 0. */
const integers = (length: number, most: number, share = 0.3) =>
  Uint8Array.from({ length }, () => (draws.uniform() < share ? 1 + draws.integer(most) : 0));

function geometryOf(change: Partial<Geometry>): Geometry {
  const { height = 5, width = 7, used = 16, kernel = 3, stride = 1, dilation = 1 } = change;
  const inputs = padded(used);
  return {
    ...{ height, width, used, inputs, kernel, stride, dilation },
    ...{ outHeight: Math.ceil(height / stride), outWidth: Math.ceil(width / stride) },
    ...{ outputs: change.outputs ?? 16, padding: change.padding ?? (dilation * (kernel - 1)) / 2 },
  };
}

const words = (g: Geometry) =>
  Int32Array.of(
    ...[g.height, g.width, g.inputs, g.used, g.outHeight, g.outWidth],
    ...[g.outputs, g.kernel, g.stride, g.dilation, g.padding],
  );

function gatherJob(g: Geometry, most: number, share: number): Job {
  const [pixels, taps] = [g.height * g.width, g.kernel ** 2];
  const map = integers(pixels * g.inputs, most, share);
  const q = weights(taps * g.inputs * g.outputs);
  return (kernels, arena) => {
    const at = arena.put(map);
    const [entries, begin] = [arena.room(4 * map.length), arena.room(4 * (pixels + 1))];
    kernels.list(at, pixels, g.inputs, entries, begin);
    const sums = arena.room(4 * g.outHeight * g.outWidth * g.outputs);
    const work = arena.room(4 * 16 * taps * g.inputs);
    kernels.gather(arena.put(words(g)), entries, begin, arena.put(q), sums, work, most);
    return bytesAt(kernels, sums, 4 * g.outHeight * g.outWidth * g.outputs);
  };
}

function depthwiseJob(g: Geometry, kind: "depthwise" | "depthwiseValues" | "values"): Job {
  const [elements, taps] = [g.height * g.width * g.inputs, g.kernel ** 2];
  const map = kind === "depthwise" ? integers(elements, 127) : floats(elements);
  const perTap = kind === "values" ? g.used * g.outputs : g.inputs;
  const w = kind === "depthwise" ? weights(taps * perTap) : floats(taps * perTap);
  return (kernels, arena) => {
    const bytes = 4 * g.outHeight * g.outWidth * g.outputs;
    const sums = arena.room(bytes);
    kernels[kind](arena.put(words(g)), arena.put(map), arena.put(w), sums);
    return bytesAt(kernels, sums, bytes);
  };
}

interface Firing {
  readonly levels: number;
  readonly hard?: number;
  readonly perNeuron?: number;
}

function fireJob({ levels, hard = 0, perNeuron = 0 }: Firing): Job {
  const [pixels, channels] = [9, 32];
  const count = pixels * channels;
  const sums = floats(count, 300).map(Math.round);
  const [scale, shift, v] = [floats(channels, 0.02), floats(channels), floats(count)];
  const threshold = floats(perNeuron ? count : channels).map((x) => 0.5 + Math.abs(x));
  return (kernels, arena) => {
    const membrane = arena.put(v);
    const to = arena.room(count);
    const affine = [arena.put(scale), arena.put(shift), arena.put(threshold)] as const;
    const at = arena.put(sums);
    let total = 0;
    for (let t = 0; t < 3; t++) {
      total += kernels.fire(at, pixels, channels, ...affine, perNeuron, 0.9, levels, hard, membrane, to);
    }
    expect(total).toBeGreaterThan(0);
    return Uint8Array.of(
      ...bytesAt(kernels, to, count),
      ...bytesAt(kernels, membrane, 4 * count),
      total & 255,
    );
  };
}

/** A kernel from one map to another. */
function mapJob(
  map: Float32Array | Uint8Array,
  bytes: number,
  run: (kernels: Kernels, from: Address, to: Address, arena: Arena) => void,
): Job {
  return (kernels, arena) => {
    const to = arena.room(bytes);
    run(kernels, arena.put(map), to, arena);
    return bytesAt(kernels, to, bytes);
  };
}

const wide = { height: 12, width: 16, used: 96, dilation: 12, outputs: 112 };
const spread = () => Int32Array.of(0, 1, 0, 1, 2, 0, 2, 2, 0);
const shares = () => {
  const table = spread();
  new Float32Array(table.buffer).forEach((_, i, all) => {
    if (i % 3 === 2) all[i] = draws.uniform();
  });
  return table;
};
const [rows, columns, other] = [shares(), shares(), floats(160)];
const jobs: Readonly<Record<string, Job>> = {
  "spikes, few": gatherJob(geometryOf({ used: 48, outputs: 80 }), 1, 0.1),
  // More rows than 16 bits can sum up.
  "spikes, all": gatherJob(geometryOf({ used: 80, outputs: 128 }), 1, 1),
  "integers, strides": gatherJob(geometryOf({ stride: 2, outputs: 48 }), 4, 0.3),
  "pooled counts": gatherJob(geometryOf({ used: 64, dilation: 2, outputs: 64 }), 9, 0.8),
  "the highest integers": gatherJob(geometryOf({ used: 64, outputs: 32 }), 127, 0.9),
  "taps far apart": gatherJob(geometryOf(wide), 1, 0.2),
  "1x1": gatherJob(geometryOf({ used: 112, kernel: 1, outputs: 16 }), 4, 0.5),
  "5x5": gatherJob(geometryOf({ kernel: 5 }), 2, 0.5),
  depthwise: depthwiseJob(geometryOf({ used: 32, outputs: 32, dilation: 2 }), "depthwise"),
  "depthwise, strides": depthwiseJob(geometryOf({ stride: 2 }), "depthwise"),
  values: depthwiseJob(geometryOf({ used: 3, outputs: 48 }), "values"),
  "values, strides": depthwiseJob(geometryOf({ used: 18, stride: 2, height: 6 }), "values"),
  "values, a margin": depthwiseJob(geometryOf({ used: 5, padding: 2, outHeight: 7, outWidth: 9 }), "values"),
  "depthwise values": depthwiseJob(geometryOf({ dilation: 2 }), "depthwiseValues"),
  "soft reset": fireJob({ levels: 0 }),
  "hard reset": fireJob({ levels: 0, hard: 1 }),
  "a threshold per neuron": fireJob({ levels: 0, perNeuron: 1 }),
  "integer neurons": fireJob({ levels: 4 }),
  "integer neurons, hard reset": fireJob({ levels: 7, hard: 1 }),
  relu: mapJob(floats(160), 640, (kernels, from, to, arena) =>
    kernels.relu(from, 10, 16, arena.put(other), arena.put(columnShift), 0.1, to),
  ),
  affine: mapJob(floats(160), 640, (kernels, from, to, arena) =>
    kernels.affine(from, 10, 16, arena.put(other), arena.put(columnShift), to),
  ),
  pool: mapJob(integers(560, 14, 0.7), 560, (kernels, from, to) => kernels.pool(from, 5, 7, 16, 1, to)),
  "pool, strides": mapJob(integers(560, 14, 0.7), 192, (kernels, from, to) =>
    kernels.pool(from, 5, 7, 16, 2, to),
  ),
  "pooled values": mapJob(floats(560), 768, (kernels, from, to) => kernels.poolValues(from, 5, 7, 16, 2, to)),
  worth: mapJob(integers(160, 127), 640, (kernels, from, to, arena) =>
    kernels.toValues(from, 10, 16, arena.put(other), to),
  ),
  add: mapJob(floats(160), 640, (kernels, from, to, arena) => kernels.add(from, arena.put(other), 160, to)),
  resize: mapJob(floats(144), 576, (kernels, from, to, arena) =>
    kernels.resize(from, 3, 16, arena.put(rows), 3, arena.put(columns), 3, to),
  ),
  place: mapJob(integers(160, 127, 0.9), 400, (kernels, from, to) => kernels.place(from, 8, 20, 19, to, 40)),
  labels: mapJob(floats(160).map(Math.round), 10, (kernels, from, to) =>
    kernels.labels(from, 10, 16, 11, to),
  ),
  count: mapJob(integers(128, 127), 8, (kernels, from, to) => {
    const counts = Array.from({ length: 8 }, (_, i) => kernels.count(from, 16 * (i + 1)));
    new Uint8Array(kernels.memory.buffer, to).set(counts);
  }),
  "sums of channels": mapJob(integers(640, 127), 40, (kernels, from, to) =>
    kernels.sumChannels(from, 10, 64, to),
  ),
};
const columnShift = floats(16);

describe.each(engines)("%s", (engine) => {
  const isRefused = !wasmEngines().includes(engine);

  it.skipIf(isRefused).each(Object.entries(jobs))("gives the plain kernels' bits: %s", async (_, job) => {
    const run = (kernels: Kernels) => job(kernels, new Arena(kernels.memory));
    const expected = run(plainKernels());
    expect(new Set(expected).size).toBeGreaterThan(3);
    expect(run(await wasmKernels(engine))).toEqual(expected);
  });

  it.skipIf(isRefused)("keeps what is in its memory when it grows", async () => {
    const { memory } = await wasmKernels(engine);
    const arena = new Arena(memory);
    const at = arena.put(Uint8Array.of(1, 2, 3));
    arena.room(10 * memory.buffer.byteLength);
    expect(new Uint8Array(memory.buffer, at, 3)).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("dense", () => {
  const isRefused = !wasmEngines().includes("wasm-relaxed-simd");

  it.skipIf(isRefused).each([1, 4, 9, 127])("gives what gathers give, integers up to %i", async (most) => {
    const g = geometryOf({ used: 96, outputs: 48, dilation: 2, height: 6 });
    const [map, taps] = [integers(g.height * g.width * g.inputs, most, 0.8), 9];
    const shape = { outputs: g.outputs, inputs: g.inputs, taps };
    const q = weights(taps * g.inputs * g.outputs);
    const [dense, gathered] = [denseLayout(q, shape), gatherLayout(q, shape)];
    const sums = (kernels: Kernels, isDense: boolean) => {
      const arena = new Arena(kernels.memory);
      const [geometry, from] = [arena.put(words(g)), arena.put(map)];
      const bytes = 4 * g.outHeight * g.outWidth * g.outputs;
      const to = arena.room(bytes);
      if (isDense) {
        kernels.dense!(geometry, from, arena.put(dense), to, arena.put(new Uint8Array(g.inputs)), most);
        return bytesAt(kernels, to, bytes);
      }
      const [entries, begin] = [arena.room(4 * map.length), arena.room(4 * (g.height * g.width + 1))];
      kernels.list(from, g.height * g.width, g.inputs, entries, begin);
      kernels.gather(geometry, entries, begin, arena.put(gathered), to, arena.room(4 * 16 * 9 * 96), most);
      return bytesAt(kernels, to, bytes);
    };
    const kernels = await wasmKernels("wasm-relaxed-simd");
    expect(sums(kernels, true)).toEqual(sums(plainKernels(), false));
  });
});
