/** Words of files on a terminal: they may hold anything, also what a terminal would obey. */

/** All control characters but tab and line feed, C1 among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** `text` with control characters as people write them, such as `\x1b`, so that a terminal shows and never obeys them. */
export function visible(text: string): string {
  return text.replaceAll(
    control,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
