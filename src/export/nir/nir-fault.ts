/** What is wrong with a graph, as its reader, its writer and whoever runs it say it in their own words. */

/** Where and how a graph breaks NIR's rules. */
export interface NirFault {
  /** Such as `node conv_1`. */
  readonly at: string;
  readonly expected: string;
  readonly received: string;
}

/** The error for a fault. */
export type FaultError = (fault: NirFault) => Error;

/** `[1, 2]`, as messages show shapes. */
export const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
