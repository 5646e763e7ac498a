/** What is asked of answers about pictures and recordings. */
import type { Listener } from "../listener.js";

/** What is written about pictures and recordings, and where. */
export interface PredictOptions {
  /** Folder of the masks. */
  readonly output: string;
  /** Also write every picture with its classes laid over it (default false). */
  readonly overlay?: boolean | undefined;
  /** Of a spiking network, also write its answer after every timestep (default false). */
  readonly anytime?: boolean | undefined;
  /**
   * Of a network on frame sequences, one timestep a window: membranes go on from window to window (default false).
   */
  readonly stream?: boolean | undefined;
  /** Hears of every picture or window, and of what recordings leave out. */
  readonly listener?: Listener;
}
