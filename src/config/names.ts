/** The two spellings of an option's name: `imgSize` in files and code, `--img-size` on a command line. */

/** `imgSize` to `--img-size`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `--img-size`, `img-size` or `img_size` to `imgSize`. */
export function keyOf(name: string): string {
  return name.replace(/^--/, "").replace(/[-_]+(\w)/g, (_, letter: string) => letter.toUpperCase());
}
