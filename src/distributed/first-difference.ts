/** Where two records of plain values differ. */

/** The first entry that differs, and both values as text; `undefined` where all are equal. */
export function firstDifference(
  first: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): readonly [name: string, first: string, other: string] | undefined {
  const names = new Set([...Object.keys(first), ...Object.keys(other)]);
  for (const name of names) {
    const [a, b] = [words(first[name]), words(other[name])];
    if (a !== b) return [name, a, b];
  }
  return undefined;
}

function words(value: unknown): string {
  if (value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
