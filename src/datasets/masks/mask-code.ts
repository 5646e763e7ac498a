/** What the values and the colours of a data set's masks mean. */
import { voidLabel } from "../../metrics/index.js";

/** How masks are read where values and colours could both be meant. */
export type MaskReading = "ids" | "colors";

/** Labels are classes 0 … classes − 1, or {@link voidLabel}. */
export interface MaskCode {
  /** The label of each value: of grey masks the value, of palette masks the index. */
  readonly values: ReadonlyMap<number, number>;
  /** The label of each colour, where colours mean something. */
  readonly colors?: ReadonlyMap<number, number>;
  /** The reading that the data set asks for; else every file shows which one fits. */
  readonly reading?: MaskReading | undefined;
}

/** Values 0 … classCount − 1 are the classes, but for the value of void. */
export function plainMaskCode(classCount: number, voidId = voidLabel): MaskCode {
  const classes = Array.from({ length: classCount }, (_, id) => [id, id] as const);
  return { values: new Map([...classes, [voidId, voidLabel]]) };
}

/** The values that mean void. */
export function voidValues({ values }: MaskCode): readonly number[] {
  return [...values].filter(([, label]) => label === voidLabel).map(([value]) => value);
}

/** The values that are no void, in words: `0 to 10`, or a list. */
export function classValues({ values }: MaskCode): string {
  const classes = [...values].filter(([, label]) => label !== voidLabel).map(([value]) => value);
  const sorted = classes.sort((a, b) => a - b);
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  if (sorted.length > 1 && last - first === sorted.length - 1) return `${first} to ${last}`;
  return sorted.length > 12 ? `${sorted.slice(0, 12).join(", ")}, …` : sorted.join(", ");
}
