/** What the page begins with. */
import type { PageExample } from "../../../src/export/web/index.js";
import { openPicture } from "./picture-source.js";
import type { Source } from "./source.js";

/** A page from a file may not fetch, not even from itself. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The picture, or the frame of events with its drawing. */
export async function openExample({ name, picture, frame }: PageExample): Promise<Source> {
  const source = await openPicture(new Blob([bytesOf(picture)], { type: "image/png" }), name);
  if (frame === undefined) return source;
  const values = Float32Array.from(bytesOf(frame), (byte) => (byte - 128) / 254);
  return {
    ...source,
    async input(again) {
      const input = await source.input(again);
      return input?.kind === "picture"
        ? { kind: "frame", values: values.slice(), bitmap: input.bitmap }
        : undefined;
    },
  };
}
