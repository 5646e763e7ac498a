/** Names that folders of splits have. */

const splitOfName: ReadonlyMap<string, string> = new Map([
  ["train", "train"],
  ["training", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["test", "test"],
  ["testing", "test"],
]);

/** The split that a folder's name stands for, whatever its capitals, or `undefined`. */
export function splitOfFolder(name: string): string | undefined {
  return splitOfName.get(name.toLowerCase());
}
