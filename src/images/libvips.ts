/** The library that decodes pictures, loaded on first use: it takes a while, and data sets of events never need it. */

let libvips: Promise<typeof import("sharp").default> | undefined;

export function loadLibvips(): Promise<typeof import("sharp").default> {
  libvips ??= import("sharp").then(({ default: sharp }) => {
    // Each example is decoded once; a cache of operations would only hold memory.
    sharp.cache(false);
    return sharp;
  });
  return libvips;
}

/** What libvips says is wrong with a file, in a line. */
export function libvipsReason(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] as string) : String(error);
}
