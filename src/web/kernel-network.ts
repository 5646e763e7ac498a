/** A network on kernels of one engine. */
import { checkKeys, checkNumber, refuse } from "../checks/web.js";
import { OptionError, ShapeError } from "../errors.js";
import { betweenTable } from "./between.js";
import { type CompiledNetwork, compileSteps } from "./compile-steps.js";
import { Arena } from "./kernels/arena.js";
import { type Address, type Kernels, padded } from "./kernels/kernels.js";
import { channelsLast } from "./kernels/weight-layout.js";
import { type LoadedWeights, loadWeights } from "./load-weights.js";
import type { MapSize } from "./map-sizes.js";
import type { WebGrid, WebModel } from "./model.js";
import type { BeginOptions, ModelDescription, WebActivity, WebNetwork } from "./network.js";

const beginKeys = new Set(["size", "thresholdFactor", "leak", "keepMembranes"]);

/** Scores over time, and at the input's size. */
interface ReadOut {
  readonly sum: Address;
  readonly rows: Address;
  readonly columns: Address;
  readonly resized: Address;
  readonly labels: Address;
}

/** Owns the memory of its kernels. */
export class KernelNetwork implements WebNetwork {
  readonly engine: WebNetwork["engine"];
  readonly #model: WebModel;
  readonly #kernels: Kernels;
  readonly #arena: Arena;
  readonly #weights: LoadedWeights;
  /** Where weights end and maps begin. */
  readonly #mark: number;
  #compiled!: CompiledNetwork;
  #readOut!: ReadOut;
  #size: MapSize;
  #steps = 0;
  /** Whether the input's map holds a frame. */
  #hasFrame = false;

  constructor(model: WebModel, kernels: Kernels, engine: WebNetwork["engine"]) {
    this.engine = engine;
    this.#model = model;
    this.#kernels = kernels;
    this.#arena = new Arena(kernels.memory);
    this.#weights = loadWeights(model, kernels, this.#arena);
    this.#mark = this.#arena.mark;
    this.#size = model.description.input.size;
    this.#layOut(this.#size);
    this.begin();
  }

  get description(): ModelDescription {
    return this.#model.description;
  }

  get size(): MapSize {
    return this.#size;
  }

  get steps(): number {
    return this.#steps;
  }

  begin(options: BeginOptions = {}): void {
    checkBegin(options);
    const { size = this.#size, keepMembranes } = options;
    const isSame = size.join() === this.#size.join();
    if (!isSame) this.#resize(size);
    const kept = { ...options, keepMembranes: isSame && keepMembranes === true };
    for (const layer of this.#compiled.active) layer.begin(kept);
    this.#floats(this.#readOut.sum, this.#scoresLength).fill(0);
    this.#steps = 0;
    this.#hasFrame = false;
  }

  step(frame?: Float32Array): void {
    if (frame !== undefined) this.#take(frame);
    else if (!this.#hasFrame) {
      throw new OptionError(
        "step: expected a frame in the first timestep after begin, received none; pass one",
      );
    }
    const { steps, maps } = this.#compiled;
    for (const { run, readsInput } of steps) if (frame !== undefined || !readsInput) run(this.#steps);
    const { sum } = this.#readOut;
    this.#kernels.add(sum, maps[this.#model.scores.map]!, this.#scoresLength, sum);
    this.#steps++;
  }

  labels(): Uint8Array {
    const [height, width] = this.#size;
    const { labels } = this.#readOut;
    const { classes } = this.#model.description;
    const [scores, stride] = this.#resized("labels");
    this.#kernels.labels(scores, height * width, stride, classes.length, labels);
    return new Uint8Array(this.#kernels.memory.buffer).slice(labels, labels + height * width);
  }

  scores(): Float32Array {
    const pixels = this.#size[0] * this.#size[1];
    const classes = this.#model.description.classes.length;
    const [at, stride] = this.#resized("scores");
    const resized = this.#floats(at, pixels * stride);
    const factor = this.#model.scores.over === "mean" ? 1 / this.#steps : 1;
    return Float32Array.from(
      { length: classes * pixels },
      (_, i) => factor * resized[(i % pixels) * stride + Math.floor(i / pixels)]!,
    );
  }

  activity(): WebActivity[] {
    return this.#compiled.active.map((layer) => layer.activity());
  }

  /** The sums of scores at the input's size, and the channels of a pixel. */
  #resized(operation: string): readonly [Address, number] {
    if (this.#steps === 0) {
      throw new OptionError(`${operation}: expected a timestep since begin, received none; call step first`);
    }
    const { map } = this.#model.scores;
    const stride = padded(this.#model.maps[map]!.channels);
    const [height, width] = this.#size;
    const { sum, rows, columns, resized } = this.#readOut;
    const from = this.#compiled.sizes[map]!;
    if (from.join() === this.#size.join()) return [sum, stride];
    this.#kernels.resize(sum, from[1], stride, rows, height, columns, width, resized);
    return [resized, stride];
  }

  #take(frame: Float32Array): void {
    const { channels } = this.#model.maps[0]!;
    const [height, width] = this.#size;
    if (frame.length !== channels * height * width) {
      throw new ShapeError(
        `step: expected a frame [${channels}, ${height}, ${width}], ${channels * height * width} values, received ${frame.length}; give begin its size`,
      );
    }
    const to = this.#floats(this.#compiled.maps[0]!, height * width * padded(channels));
    const { grid } = this.#model;
    channelsLast(grid ? onGrid(frame, grid) : frame, channels, to);
    this.#hasFrame = true;
  }

  /** A size that is refused leaves the network at rest, at the size before. */
  #resize(size: MapSize): void {
    try {
      this.#layOut(size);
    } catch (error) {
      this.#layOut(this.#size);
      this.begin();
      throw error;
    }
  }

  #layOut(size: MapSize): void {
    this.#arena.reset(this.#mark);
    const [model, kernels, arena] = [this.#model, this.#kernels, this.#arena];
    this.#compiled = compileSteps({ model, kernels, arena, weights: this.#weights }, size);
    const { map, alignCorners } = model.scores;
    const from = this.#compiled.sizes[map]!;
    const [pixels, stride] = [size[0] * size[1], padded(model.maps[map]!.channels)];
    this.#readOut = {
      sum: arena.room(4 * from[0] * from[1] * stride),
      rows: arena.put(betweenTable(from[0], size[0], alignCorners)),
      columns: arena.put(betweenTable(from[1], size[1], alignCorners)),
      resized: arena.room(4 * pixels * stride),
      labels: arena.room(pixels),
    };
    this.#size = size;
  }

  get #scoresLength(): number {
    const { map } = this.#model.scores;
    const [height, width] = this.#compiled.sizes[map]!;
    return height * width * padded(this.#model.maps[map]!.channels);
  }

  #floats(at: Address, length: number): Float32Array {
    return new Float32Array(this.#kernels.memory.buffer, at, length);
  }
}

/** float32 has no room for halves beside it: what is added to it is rounded, halves to the even one. */
const noHalves = 1.5 * 2 ** 23;

/** The whole numbers that stand for a frame. */
function onGrid(frame: Float32Array, { step, most }: WebGrid): Float32Array {
  const whole = new Float32Array(frame.length);
  for (let i = 0; i < frame.length; i++) {
    const k = Math.max(-most, Math.min(most, frame[i]! / step));
    whole[i] = Math.fround(k + noHalves) - noHalves;
  }
  return whole;
}

function checkBegin(options: BeginOptions): void {
  const { size, thresholdFactor, leak, keepMembranes } = options;
  checkKeys("begin", options, beginKeys);
  if (thresholdFactor !== undefined) {
    checkNumber("begin", "thresholdFactor", thresholdFactor, { above: 0, float32: true });
  }
  if (leak !== undefined) checkNumber("begin", "leak", leak, { least: 0, most: 1 });
  if (keepMembranes !== undefined && typeof keepMembranes !== "boolean") {
    refuse("begin", "keepMembranes", "true or false", keepMembranes);
  }
  const isSize = size?.length === 2 && size.every((side) => Number.isSafeInteger(side) && side > 0);
  if (size !== undefined && !isSize) refuse("begin", "size", "height and width in pixels", size);
}
