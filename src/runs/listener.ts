/** What long pieces of work tell while they go on. */

/** One piece of work, and how long it is. */
export interface StagePlan {
  /** What is done, in a few words, such as `predict`. */
  readonly label: string;
  /** Steps; 0 where their number is not known. */
  readonly total: number;
  /** What is counted for the rate, such as images. */
  readonly unit: string;
}

/** Told of the steps of one piece of work. */
export interface Stage {
  /**
   * One step is done.
   *
   * @param items - units in it, such as the images of a batch
   * @param detail - more about it, in words; may be empty
   */
  step(items: number, detail: string): void;
  /** Items are done, where each of them is a step. @param items - how many since the last call */
  itemsDone(items: number): void;
  /** The piece of work is over; nothing follows. */
  end(): void;
}

/** Who listens; everything may be left out. */
export interface Listener {
  /** Something to know although the work goes on. @param message - one sentence or more, for people */
  warn?(message: string): void;
  /** What is going on. @param message - one sentence, for people */
  note?(message: string): void;
  /** A piece of work begins; the stage that is returned hears of its steps. @param plan - how long it is */
  stage?(plan: StagePlan): Stage;
}

const silent: Stage = { step: () => undefined, itemsDone: () => undefined, end: () => undefined };

/** A stage of a listener, or one that nobody hears of. */
export function stageOf(listener: Listener, plan: StagePlan): Stage {
  return listener.stage?.(plan) ?? silent;
}
