/** `snnseg bench layer`: where spikes pay: each layer's fused kernel against convolution and neurons step by step. */
import {
  add,
  avgPool2d,
  conv2d,
  full,
  keep,
  lt,
  mul,
  noGrad,
  rand,
  randn,
  reshape,
  scope,
  select,
  setThreads,
  type Tensor,
  toDType,
  zeros,
} from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import {
  describeConv,
  type FusedPrecision,
  packConv,
  packSpikes,
  spikeConvLif,
} from "../../inference/index.js";
import { modelDefaults, type PlannedLayer, planNetwork, sizePlan } from "../../models/index.js";
import { lif, neuronStep } from "../../neurons/index.js";
import { formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { InferOptions } from "./bench-options.js";
import { machine, percent, totalOf } from "./comparison.js";
import { crossoverDensity } from "./crossover.js";
import { interleave } from "./interleave.js";

const defaultDensities = [0.05, 0.1, 0.25];
const precisions = ["exact", "fast", "int8"] as const satisfies readonly FusedPrecision[];
const { leak, reset, surrogate, imbalance } = modelDefaults;

type Shape = {
  readonly layer: Extract<PlannedLayer, { kind: "conv" }>;
  readonly size: readonly [number, number];
  readonly poolStride: number;
};

/** Hidden layers that read spikes, with the size of the spikes that they read. */
function shapesOf({ arch, imgSize, timesteps }: InferOptions): Shape[] {
  const config = {
    ...modelDefaults,
    kind: "snn",
    arch,
    inputChannels: 3,
    numClasses: 21,
    timesteps,
  } as const;
  const shapes: Shape[] = [];
  let read: readonly [number, number] = imgSize;
  let poolStride = 0;
  for (const layer of sizePlan(planNetwork(config), imgSize).layers) {
    const [, ...size] = layer.output;
    if (layer.kind === "pool") poolStride = layer.stride;
    if (layer.kind !== "conv") continue;
    shapes.push({ layer, size: read, poolStride });
    read = size;
    poolStride = 0;
  }
  return shapes.slice(1); // the first layer reads the image
}

export function benchLayers(options: InferOptions, terminal: Terminal): void {
  setThreads(options.threads);
  const chosen = options.density.length > 0 ? options.density : defaultDensities;
  const densities = [...chosen].sort((a, b) => a - b);
  const layers = shapesOf(options).flatMap((shape) =>
    densities.map((density) => benchLayer(shape, { ...options, density })),
  );
  const { arch, timesteps, batchSize, imgSize, threads, rounds } = options;
  terminal.print(
    `${arch}, T = ${timesteps}, batch ${batchSize}, ${imgSize.join("x")}, ${threads} threads, ` +
      `${engineWords()}, medians of ${rounds}; milliseconds (twin / ours)`,
  );
  const rows = layers.map(({ name, shape, density, twin, fused }) => [
    ...[name, shape, percent(density), twin.ms.toFixed(1)],
    ...precisions.map(
      (precision) => `${fused[precision].ms.toFixed(1)} (${fused[precision].ratio.toFixed(1)})`,
    ),
  ]);
  terminal.print(formatTable([["layer", "shape", "density", "twin", ...precisions], ...rows], { left: 2 }));
  const crossovers = crossoversOf(layers);
  terminal.print("\nspikes at which the twin becomes as fast:");
  terminal.print(crossoverLines(crossovers, densities.at(-1)!));
  terminal.result({
    ...{ benchmark: "layer", arch, timesteps, batchSize, imgSize, threads, rounds, layers, crossovers },
    ...totalOf(layers.map(({ twin, fused }) => ({ twin, ours: fused[options.precision] }))),
    ...machine(),
  });
}

/** By layer and precision the density at which the twin becomes as fast; `null` above all that were measured. */
function crossoversOf(layers: readonly ReturnType<typeof benchLayer>[]) {
  return [...new Set(layers.map(({ name }) => name))].map((name) => {
    const points = layers.filter((layer) => layer.name === name);
    const density = (precision: (typeof precisions)[number]) =>
      crossoverDensity(
        points.map((point) => ({
          density: point.density,
          twin: point.twin.ms,
          ours: point.fused[precision].ms,
        })),
      ) ?? null;
    const { shape } = points[0]!;
    return { name, shape, exact: density("exact"), fast: density("fast"), int8: density("int8") };
  });
}

function crossoverLines(crossovers: ReturnType<typeof crossoversOf>, highest: number): string {
  const rows = crossovers.map((layer) => [
    ...[layer.name, layer.shape],
    ...precisions.map((precision) => {
      const density = layer[precision];
      return density === null ? `> ${percent(highest)}` : percent(density);
    }),
  ]);
  return formatTable([["layer", "shape", ...precisions], ...rows], { left: 2 });
}

function benchLayer(
  { layer, size, poolStride }: Shape,
  { timesteps, batchSize, density, rounds }: Omit<InferOptions, "density"> & { readonly density: number },
) {
  const { name, inputs, outputs, kernelSize, dilation } = layer;
  const padding = (dilation * (kernelSize - 1)) / 2;
  return scope("layer", () =>
    noGrad(() => {
      const frames = timesteps * batchSize;
      const spikes = toDType(lt(rand([frames, inputs, ...size], 1), density), "float32");
      const bits = packSpikes(spikes);
      const sequence = reshape(spikes, [timesteps, batchSize, inputs, ...size]);
      // Currents of about unit variance, and a threshold that few reach.
      const scale = 1 / Math.sqrt(density * inputs * kernelSize ** 2);
      const weight = mul(randn([outputs, inputs, kernelSize, kernelSize], 2), scale);
      const threshold = full([outputs], 4);
      const norm = full([timesteps, outputs], 1);
      const shift = zeros([timesteps, outputs]);
      const ours = (precision: FusedPrecision) => {
        const conv = packConv(weight, { size, dilation, poolStride, input: "bits", precision });
        const run = () =>
          scope("ours", () => {
            spikeConvLif(conv, bits, timesteps, { leak, hardReset: false, threshold, scale: norm, shift });
          });
        return { run, ...describeConv(conv) };
      };
      const twin = () => {
        let v: Tensor | undefined;
        for (let t = 0; t < timesteps; t++) {
          scope("timestep", () => {
            const x = select(sequence, 0, t);
            const read = poolStride > 0 ? avgPool2d(x, { kernelSize: 3, stride: poolStride, padding: 1 }) : x;
            const current = conv2d(read, weight, { padding, dilation });
            const folded = add(mul(current, column(norm, t)), column(shift, t));
            const parameters = {
              ...{ leak, reset, surrogate, imbalance, learnt: {} },
              threshold: reshape(threshold, [-1, 1, 1]),
            };
            const step = neuronStep(lif, v ?? mul(current, 0), { current: folded, parameters });
            v?.dispose();
            v = keep(step.v);
          });
        }
        v?.dispose();
      };
      const [exact, fast, int8] = [ours("exact"), ours("fast"), ours("int8")];
      const measured = interleave({ twin, exact: exact.run, fast: fast.run, int8: int8.run }, rounds);
      const figures = (key: (typeof precisions)[number], form: string) => {
        const one = measured[key];
        return { ...one, form, ratio: measured.twin.ms / one.ms };
      };
      return {
        name,
        shape: `${poolStride > 0 ? `avg${poolStride} ` : ""}${inputs}→${outputs} ${kernelSize}x${kernelSize} d${dilation} @${size.join("x")}`,
        density,
        twin: measured.twin,
        fused: {
          exact: figures("exact", exact.form),
          fast: figures("fast", fast.form),
          int8: figures("int8", int8.form),
        },
      };
    }),
  );
}

/** Row t as `[C, 1, 1]`. */
function column(rows: Tensor, t: number): Tensor {
  return reshape(select(rows, 0, t), [-1, 1, 1]);
}
