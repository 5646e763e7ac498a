/** Suspicions as people read them, at the end of what a command prints. */
import type { Suspicion } from "../../datasets/index.js";

/** A heading and a line each, or a line that nothing was found. */
export function suspicionLines(suspicions: readonly Suspicion[]): string {
  if (suspicions.length === 0) return "suspicious: nothing found";
  return ["suspicious:", ...suspicions.map(({ message }) => `  ${message}`)].join("\n");
}
