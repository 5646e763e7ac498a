/** A node in its graph. */
import type { FaultError } from "./nir-fault.js";

/** Undefined where neither the node nor those before it say. */
export interface NodeMaps {
  readonly input: readonly number[] | undefined;
  readonly output: readonly number[] | undefined;
}

/** What is known where a node is looked at. */
export interface NodePlace {
  /** Such as `node conv_1`. */
  readonly at: string;
  /** What the node before writes, where that is known. */
  readonly before: readonly number[] | undefined;
  readonly fault: FaultError;
}
