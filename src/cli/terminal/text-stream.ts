/** Where words go. */
import type { Writable } from "node:stream";

/** A stream that may be a terminal. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
