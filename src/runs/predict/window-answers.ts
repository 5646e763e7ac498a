/** The answers of a network about the windows of a recording, one after the other. */
import type { RecordingFrame } from "../../datasets/index.js";
import { scope } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import type { LabelMap, Size } from "../../images/index.js";
import { SpikingState } from "../../models/index.js";
import { labelEachStep, labelInput, labelNext } from "./label-input.js";
import type { PredictOptions } from "./predict-options.js";
import type { Predictor } from "./predictor.js";

type AskedOfWindows = Pick<PredictOptions, "stream" | "anytime">;

/** @throws OptionError if the network cannot answer as asked */
export function checkAsked({ stream, anytime }: AskedOfWindows, { config }: Predictor): void {
  if (!stream) return;
  if (config.encoding !== "sequence") {
    throw new OptionError(
      `--stream: expected a network that takes one frame a timestep (--encoding sequence), received one of ${config.encoding} ` +
        "coding, whose timesteps all see the same frame; leave --stream out",
    );
  }
  if (anytime) {
    throw new OptionError(
      "--stream: expected no --anytime, as a stream answers after every timestep; leave one out",
    );
  }
}

/**
 * What of earlier windows goes into the next answer: nothing with still frames; for sequences the T − 1 frames before,
 * as in scoring; in a stream the membranes, which start anew after T frames, since batch norm knows T timesteps and the
 * output never forgets.
 */
export class WindowAnswers implements Disposable {
  readonly #predictor: Predictor;
  readonly #asked: AskedOfWindows;
  readonly #size: Size;
  readonly #before: Float32Array[] = [];
  #state = new SpikingState();

  constructor(
    predictor: Predictor,
    { asked, size }: { readonly asked: AskedOfWindows; readonly size: Size },
  ) {
    this.#predictor = predictor;
    this.#asked = asked;
    this.#size = size;
  }

  /** The answers about a window; several only with `--anytime`, the final one last. */
  next({ input }: RecordingFrame, window: number): LabelMap[] {
    const { forward, timesteps, config } = this.#predictor;
    const wanted = { size: this.#size, labelPixel: config.labelPixel };
    if (this.#asked.stream) {
      if (this.#state.step === timesteps) this.dispose();
      return scope("window", () => {
        const frame = this.#predictor.encode(input, { window, frames: 1 });
        return [labelNext(forward, frame, { state: this.#state, ...wanted })];
      });
    }
    return scope("window", () => {
      const encoded =
        config.encoding === "sequence"
          ? this.#sequence(input, window)
          : this.#predictor.encode(input, { window });
      if (this.#asked.anytime) return labelEachStep(forward, encoded, { timesteps, ...wanted });
      return [labelInput(forward, encoded, wanted)];
    });
  }

  /** This frame and those before it, at most T. */
  #sequence(input: Float32Array, window: number) {
    this.#before.push(input);
    if (this.#before.length > this.#predictor.timesteps) this.#before.shift();
    const values = new Float32Array(this.#before.length * input.length);
    for (const [t, frame] of this.#before.entries()) values.set(frame, t * input.length);
    return this.#predictor.encode(values, { window, frames: this.#before.length });
  }

  dispose(): void {
    this.#state.dispose();
    this.#state = new SpikingState();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
