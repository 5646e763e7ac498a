/** Names that folders and lists of splits have. */

const splits: ReadonlyMap<string, string> = new Map([
  ["train", "train"],
  ["training", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["test", "test"],
  ["testing", "test"],
]);

/** The split that the name of a folder or a list stands for, whatever its capitals, or `undefined`. */
export function splitOfName(name: string): string | undefined {
  return splits.get(name.toLowerCase());
}
