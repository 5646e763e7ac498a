/** Where inputs come from. */
import type { Input } from "../messages.js";

/** Something to segment: one picture, or pictures that follow each other. */
export interface Source {
  /** Shown to the reader. */
  readonly name: string;
  /** Whether the next input may be another one. */
  readonly moves: boolean;
  /** Whether its events are made of pictures. */
  readonly isEventCamera?: boolean;
  /**
   * The input of this moment, which whoever asks may give away; `undefined` where it is still the last one.
   *
   * @param again - wanted even then
   */
  input(again: boolean): Promise<Input | undefined>;
  /** The moment of the input, on the source's own clock, in microseconds. */
  timeUs(): number;
  /** Stops and goes on. */
  setPaused(paused: boolean): void;
  /** Goes on by one input while paused. */
  step(): Promise<void>;
  /** Gives back camera and memory. */
  close(): void;
}

/** What the reader is told: a sentence of the page's own. */
export class SourceError extends Error {}
