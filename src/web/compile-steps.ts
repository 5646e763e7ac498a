/** A network's steps at one size: maps and scratch in memory, and for each step what runs it. */
import { betweenTable } from "./between.js";
import { type ActiveLayer, type ActiveOptions, FiringLayer, rowOf } from "./firing-layer.js";
import type { Arena } from "./kernels/arena.js";
import { type Address, type Geometry, type Kernels, padded } from "./kernels/kernels.js";
import type { LoadedWeights } from "./load-weights.js";
import { type MapSize, mapSizes } from "./map-sizes.js";
import type { ConvStep, WebModel, WebStep } from "./model.js";
import { ReluLayer } from "./relu-layer.js";

/** Of non-zero integers, from which on dense products are faster than gathers; measured, docs/design/wasm-kernels.md. */
const denseShare = { spikes: 0.47, integers: 0.34 } as const;

/** Pixels whose entries `gather` lists together. */
const gatherStrip = 16;

/** A step that can run. */
interface CompiledStep {
  readonly run: (t: number) => void;
  /** Whether it reads the input, so that nothing changes while the input stays. */
  readonly readsInput: boolean;
}

/** A network at one size. */
export interface CompiledNetwork {
  readonly steps: readonly CompiledStep[];
  readonly active: readonly ActiveLayer[];
  readonly maps: readonly Address[];
  readonly sizes: readonly MapSize[];
}

/** What steps are compiled with. */
interface Context {
  readonly model: WebModel;
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly weights: LoadedWeights;
  readonly maps: readonly Address[];
  readonly sizes: readonly MapSize[];
  readonly active: ActiveLayer[];
  readonly lists: Lists;
}

/** Scratch of gathers, for the largest of them. */
interface Lists {
  readonly entries: Address;
  readonly begin: Address;
  readonly work: Address;
  readonly zeros: Address;
}

/**
 * Lays out a network for inputs of a size, from the arena's mark on.
 *
 * @throws ShapeError for a size that its thresholds do not fit, OptionError if memory does not suffice
 */
export function compileSteps(
  parts: Pick<Context, "model" | "kernels" | "arena" | "weights">,
  size: MapSize,
): CompiledNetwork {
  const { model, arena, kernels } = parts;
  const sizes = mapSizes(model.steps, size);
  const start = arena.mark;
  const maps = layOutMaps(model, sizes, arena);
  const lists = layOutLists(model, sizes, arena);
  // Padding is 0 from now on: kernels either write 0 there or nothing.
  new Uint8Array(kernels.memory.buffer, start, arena.mark - start).fill(0);
  const active: ActiveLayer[] = [];
  const context = { ...parts, maps, sizes, lists, active };
  const steps = model.steps.map((step) => ({ run: compile(step, context), readsInput: step.from === 0 }));
  return { steps, active, maps, sizes };
}

/** Each map has its own place, so that what layers sent can be looked at; sums that only the next step reads share one. */
function layOutMaps({ maps, steps }: WebModel, sizes: readonly MapSize[], arena: Arena): Address[] {
  const bytes = maps.map(({ kind, channels }, map) => {
    const [height, width] = sizes[map]!;
    return height * width * padded(channels) * (kind === "integers" ? 1 : 4);
  });
  const readers = maps.map((_, map) =>
    steps.flatMap((step, at) => (step.from === map || ("other" in step && step.other === map) ? [at] : [])),
  );
  const passing = steps.flatMap((step, at) =>
    step.kind === "conv" && step.from !== 0 && readers[step.to]!.join() === `${at + 1}` ? [step.to] : [],
  );
  const shared = arena.room(Math.max(0, ...passing.map((map) => bytes[map]!)));
  return bytes.map((some, map) => (passing.includes(map) ? shared : arena.room(some)));
}

function layOutLists({ maps, steps }: WebModel, sizes: readonly MapSize[], arena: Arena): Lists {
  const gathers = steps.filter((step) => step.kind === "conv" && step.most > 0 && !step.depthwise);
  const most = (count: (step: ConvStep, pixels: number, channels: number) => number) =>
    Math.max(
      0,
      ...(gathers as ConvStep[]).map((step) => {
        const [height, width] = sizes[step.from]!;
        return count(step, height * width, padded(maps[step.from]!.channels));
      }),
    );
  return {
    entries: arena.room(4 * most((_, pixels, channels) => pixels * channels)),
    begin: arena.room(4 * most((_, pixels) => pixels + 1)),
    work: arena.room(4 * gatherStrip * most(({ kernelSize }, _, channels) => kernelSize ** 2 * channels)),
    zeros: arena.room(most((_, _pixels, channels) => channels)),
  };
}

function compile(step: WebStep, context: Context): (t: number) => void {
  const { kernels, arena, weights, maps, sizes, model, active } = context;
  const [from, to] = [maps[step.from]!, maps[step.to]!];
  const [height, width] = sizes[step.from]!;
  const { kind, channels } = model.maps[step.to]!;
  const [pixels, stride] = [height * width, padded(channels)];
  const ofLayer = (affine: string | undefined): ActiveOptions => ({
    ...{ kernels, arena, from, to, channels, size: sizes[step.to]! },
    affine: weights.affineOf(affine, channels),
  });
  switch (step.kind) {
    case "conv":
      return compileConv(step, context);
    case "fire": {
      const { shape, data } = model.arrays.get(`${step.name}.threshold`)!;
      const layer = new FiringLayer(step, { shape, data: data as Float32Array }, ofLayer(step.affine));
      active.push(layer);
      return (t) => layer.run(t);
    }
    case "relu": {
      const layer = new ReluLayer(step, ofLayer(step.affine));
      active.push(layer);
      return (t) => layer.run(t);
    }
    case "affine": {
      const { scale, shift } = weights.affineOf(step.affine, channels);
      return (t) => kernels.affine(from, pixels, stride, rowOf(scale, t), rowOf(shift, t), to);
    }
    case "pool":
      return kind === "integers"
        ? () => kernels.pool(from, height, width, stride, step.stride, to)
        : () => kernels.poolValues(from, height, width, stride, step.stride, to);
    case "values": {
      const worth = weights.worthOf(step.worth, channels);
      return () => kernels.toValues(from, pixels, stride, worth, to);
    }
    case "add":
      return () => kernels.add(from, maps[step.other]!, pixels * stride, to);
    case "concat":
      return compileConcat(step, context);
    case "resize": {
      const [rows, columns] = sizes[step.to]!;
      const [down, along] = [
        arena.put(betweenTable(height, rows, step.alignCorners)),
        arena.put(betweenTable(width, columns, step.alignCorners)),
      ];
      return () => kernels.resize(from, width, stride, down, rows, along, columns, to);
    }
    case "spread": {
      const bytes = 4 * stride;
      return () => {
        for (let y = 0; y < height; y++) {
          const row = to + 2 * y * (2 * width - 1) * bytes;
          kernels.place(from + y * width * bytes, width, bytes, bytes, row, 2 * bytes);
        }
      };
    }
  }
}

function compileConv(step: ConvStep, { kernels, arena, weights, maps, sizes, model, lists }: Context) {
  const { shape, weight, dense } = weights.convolutions.get(step.name)!;
  const [height, width] = sizes[step.from]!;
  const [outHeight, outWidth] = sizes[step.to]!;
  const { channels } = model.maps[step.from]!;
  const [from, to, inputs] = [maps[step.from]!, maps[step.to]!, padded(channels)];
  const geometry = arena.put(
    geometryWords({
      ...{ height, width, inputs, used: channels, outHeight, outWidth, outputs: padded(shape.outputs) },
      ...{ kernel: step.kernelSize, stride: step.stride, dilation: step.dilation, padding: step.padding },
    }),
  );
  if (step.most === 0) {
    return step.depthwise
      ? () => kernels.depthwiseValues(geometry, from, weight, to)
      : () => kernels.values(geometry, from, weight, to);
  }
  if (step.depthwise) return () => kernels.depthwise(geometry, from, weight, to);
  const { entries, begin, work, zeros } = lists;
  const pixels = height * width;
  const fewest = denseShare[step.most === 1 ? "spikes" : "integers"] * pixels * channels;
  return () => {
    if (dense !== undefined && kernels.count(from, pixels * inputs) > fewest) {
      kernels.dense!(geometry, from, dense, to, zeros, step.most);
    } else {
      kernels.list(from, pixels, inputs, entries, begin);
      kernels.gather(geometry, entries, begin, weight, to, work, step.most);
    }
  };
}

function compileConcat(
  { from, other, to }: Extract<WebStep, { kind: "concat" }>,
  { kernels, maps, sizes, model }: Context,
) {
  const [height, width] = sizes[to]!;
  const size = model.maps[to]!.kind === "integers" ? 1 : 4;
  const [below, kept, joined] = [from, other, to].map((map) => model.maps[map]!.channels) as [
    number,
    number,
    number,
  ];
  const put = (map: number, channels: number, at: Address) =>
    kernels.place(
      ...([maps[map]!, height * width, size * padded(channels), size * channels] as const),
      ...([at, size * padded(joined)] as const),
    );
  return () => {
    put(from, below, maps[to]!);
    put(other, kept, maps[to]! + size * below);
  };
}

/** As kernels read it. */
export function geometryWords(g: Geometry): Int32Array {
  return Int32Array.of(
    ...[g.height, g.width, g.inputs, g.used, g.outHeight, g.outWidth],
    ...[g.outputs, g.kernel, g.stride, g.dilation, g.padding],
  );
}
