/** An event camera's pixels, shown one picture after another. */
import { checkInteger, checkSeed, LARGEST_INT } from "../../checks/web.js";
import { OptionError, ShapeError } from "../../errors.js";
import { Draws, derive, normal } from "../../random/index.js";
import type { EventCollector } from "../event-batch.js";
import { intensityOf } from "./log-intensity.js";
import { checkSensorModel, type SensorModel } from "./sensor-model.js";
import { longestSpanUs, TimeOrder } from "./time-order.js";

/** No pixel's contrast is below, as mismatch would make some fire all the time. */
const leastContrast = 0.01;
/** What is left of shot noise at full brightness. */
const brightShare = 0.25;

/** What a simulated sensor is made of. */
export interface SimulatedSensorOptions {
  /** Columns of pixels. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** What they are like. */
  readonly model: SensorModel;
  /** Of mismatch and noise, an integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
}

/**
 * Pixels that send an event when their log intensity has moved by their contrast since their last one. Between pictures log
 * intensity is taken for linear, so that events have their own times. With L the log intensity and M what a pixel remembers:
 *
 *     M falls by leak·C₊ a second
 *     L − M ≥ C₊:  event of polarity 1,  M ← M + C₊
 *     M − L ≥ C₋:  event of polarity 0,  M ← M − C₋
 *
 * An event within the refractory time of the pixel's last one is not sent, but M moves. Shot noise sends events by chance, as a Poisson
 * process whose rate falls from `shotHz` in the dark to a quarter at full brightness; M stays then.
 *
 * @see Rebecq, Gehrig & Scaramuzza 2018, "ESIM: an open event camera simulator"; Hu, Liu & Delbruck 2021, arXiv:2006.07722
 */
export class SimulatedSensor {
  readonly #width: number;
  readonly #model: SensorModel;
  readonly #on: Float64Array;
  readonly #off: Float64Array;
  readonly #levels: Float32Array;
  /** L − M. */
  readonly #moved: Float64Array;
  readonly #lastUs: Float64Array;
  #noise: Draws;
  readonly #step = new TimeOrder();
  #timeUs: number | undefined;
  /** The microsecond from which on the events of a step count. */
  #firstUs = 0;

  /**
   * @param options - size, pixels and seed
   * @throws OptionError if the size or a setting is none
   */
  constructor({ width, height, model, seed }: SimulatedSensorOptions) {
    for (const [name, side] of Object.entries({ width, height })) {
      checkInteger("SimulatedSensor", name, side, { most: 65535 });
    }
    checkInteger("SimulatedSensor", "the number of pixels", width * height, { most: LARGEST_INT });
    checkSensorModel("SimulatedSensor", model);
    checkSeed("SimulatedSensor", seed);
    this.#width = width;
    this.#model = model;
    const pixels = width * height;
    const contrasts = (name: string, mean: number) => {
      const stream = derive(seed, name);
      return Float64Array.from({ length: pixels }, (_, i) =>
        model.mismatch === 0 ? mean : Math.max(leastContrast, mean + model.mismatch * normal(stream, i)),
      );
    };
    this.#on = contrasts("on contrast", model.onContrast);
    this.#off = contrasts("off contrast", model.offContrast);
    this.#levels = new Float32Array(pixels);
    this.#moved = new Float64Array(pixels);
    this.#lastUs = new Float64Array(pixels).fill(Number.NEGATIVE_INFINITY);
    this.#noise = new Draws(derive(seed, "shot noise"));
  }

  /** When it saw its last picture, in microseconds. */
  get timeUs(): number | undefined {
    return this.#timeUs;
  }

  /**
   * Forgets all pictures; the next is the first. Pixels keep their contrasts.
   *
   * @param noiseSeed - of the shot noise from now on
   */
  restart(noiseSeed: number): void {
    this.#timeUs = undefined;
    this.#moved.fill(0);
    this.#lastUs.fill(Number.NEGATIVE_INFINITY);
    this.#noise = new Draws(noiseSeed);
  }

  /**
   * Shows the next picture. The first only tells the pixels where they are.
   *
   * @param levels - log intensity, `[height, width]`; copied
   * @param timestampUs - when, in microseconds; after the picture before
   * @param events - takes in the events since then, in the order of time (rounded to microseconds), then of rows and columns
   * @throws ShapeError if the picture is of another size, OptionError if time does not go on
   */
  see(levels: Float32Array, timestampUs: number, events: EventCollector): void {
    if (levels.length !== this.#levels.length) {
      throw new ShapeError(
        `SimulatedSensor: expected ${this.#levels.length} pixels, received ${levels.length}; show pictures of its size`,
      );
    }
    const before = this.#timeUs;
    if (before !== undefined && !(timestampUs > before && timestampUs - before < longestSpanUs)) {
      throw new OptionError(
        `SimulatedSensor: expected a time after ${before} µs, by ${longestSpanUs} µs at most, received ${timestampUs}; show pictures in their order`,
      );
    }
    this.#timeUs = timestampUs;
    if (before === undefined) {
      this.#levels.set(levels);
      return;
    }
    this.#firstUs = Math.floor(before);
    this.#move(levels, before, timestampUs);
    this.#shoot(before, timestampUs);
    this.#levels.set(levels);
    this.#step.drain(events, { firstUs: this.#firstUs, width: this.#width });
  }

  #move(levels: Float32Array, before: number, now: number): void {
    const [on, off, moved, old] = [this.#on, this.#off, this.#moved, this.#levels];
    const leak = (this.#model.leakHz * (now - before)) / 1e6;
    for (let i = 0; i < moved.length; i++) {
      const from = moved[i]!;
      const to = from + (levels[i]! - old[i]!) + leak * on[i]!;
      if (to < on[i]! && to > -off[i]!) moved[i] = to;
      else moved[i] = this.#cross(i, { from, to, before, now });
    }
  }

  /** Sends the events of a pixel whose L − M goes from `from` to `to`; returns what is left of it. */
  #cross(
    pixel: number,
    {
      from,
      to,
      before,
      now,
    }: { readonly from: number; readonly to: number; readonly before: number; readonly now: number },
  ): number {
    const rises = to > from;
    const contrast = rises ? this.#on[pixel]! : -this.#off[pixel]!;
    const count = Math.floor(to / contrast);
    for (let k = 1; k <= count; k++) {
      this.#send(pixel, before + ((k * contrast - from) / (to - from)) * (now - before), rises ? 1 : 0);
    }
    return to - count * contrast;
  }

  #send(pixel: number, timeUs: number, polarity: number): void {
    if (timeUs - this.#lastUs[pixel]! < this.#model.refractoryUs) return;
    this.#lastUs[pixel] = timeUs;
    this.#step.push(Math.round(timeUs) - this.#firstUs, 2 * pixel + polarity);
  }

  /** Chance events of all pixels as one Poisson process of the largest rate, thinned to each pixel's own. */
  #shoot(before: number, now: number): void {
    const { shotHz } = this.#model;
    if (shotHz === 0) return;
    const pixels = this.#levels.length;
    const rate = (shotHz * pixels) / 1e6;
    for (let time = before; ; ) {
      time -= Math.log(1 - this.#noise.uniform()) / rate;
      if (time > now) return;
      const pixel = this.#noise.integer(pixels);
      const brightness = Math.min(intensityOf(this.#levels[pixel]!) / 255, 1);
      if (!this.#noise.chance(1 - (1 - brightShare) * brightness)) continue;
      this.#send(pixel, time, this.#noise.integer(2));
    }
  }
}
