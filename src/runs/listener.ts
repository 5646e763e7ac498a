/** What long pieces of work tell while they go on. */

/** One piece of work, and how long it is. */
export interface StagePlan {
  readonly label: string;
  /** Steps; 0 where their number is not known. */
  readonly total: number;
  /** What is counted for the rate, such as images. */
  readonly unit: string;
}

/** Told of the steps of one piece of work. */
export interface Stage {
  /** One step of `items` units is done; `detail` says more about it. */
  step(items: number, detail: string): void;
  /** Items are done, where each of them is a step. */
  itemsDone(items: number): void;
  end(): void;
}

/** Who listens; everything may be left out. */
export interface Listener {
  /** Something to know although the work goes on. */
  warn?(message: string): void;
  /** What is going on. */
  note?(message: string): void;
  /** A piece of work begins. */
  stage?(plan: StagePlan): Stage;
}

const silent: Stage = { step: () => undefined, itemsDone: () => undefined, end: () => undefined };

/** A stage of a listener, or one that nobody hears of. */
export function stageOf(listener: Listener, plan: StagePlan): Stage {
  return listener.stage?.(plan) ?? silent;
}
