/** The live pages of runs: made when somebody asks, in a thread so that others are answered meanwhile, and never written to disk. */
import { stat } from "node:fs/promises";
import { JobThread, threadScript } from "../threads/index.js";

/** Some megabytes each. */
const mostKept = 4;

interface Kept {
  /** Of the checkpoint that the page was made from. */
  readonly stamp: string;
  readonly page: Promise<Uint8Array<ArrayBuffer>>;
}

/** Makes one page at a time, and keeps those that were asked for last while their checkpoints stay. */
export class LivePages {
  /** By checkpoint; the one asked for last is the last. */
  readonly #kept = new Map<string, Kept>();
  readonly #make: typeof makeInThread;
  #last: Promise<unknown> = Promise.resolve();

  /** @param make - the page of a checkpoint */
  constructor(make = makeInThread) {
    this.#make = make;
  }

  /**
   * The page of a checkpoint, in UTF-8.
   *
   * @param checkpoint - its file
   * @throws FileError if it is not there; OptionError for a network that the page cannot run; DataFormatError if it is damaged
   */
  async of(checkpoint: string): Promise<Uint8Array<ArrayBuffer>> {
    const stamp = await stampOf(checkpoint);
    const known = this.#kept.get(checkpoint);
    const kept = known?.stamp === stamp ? known : { stamp, page: this.#queue(checkpoint) };
    this.#kept.delete(checkpoint);
    this.#kept.set(checkpoint, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept) this.#kept.delete(oldest!);
    try {
      return await kept.page;
    } catch (error) {
      if (this.#kept.get(checkpoint) === kept) this.#kept.delete(checkpoint);
      throw error;
    }
  }

  #queue(checkpoint: string): Promise<Uint8Array<ArrayBuffer>> {
    const page = this.#last.then(() => this.#make(checkpoint));
    this.#last = page.catch(() => undefined);
    return page;
  }
}

/** Another one for whatever was written since; empty for a file that is not there, of which no page can be made. */
async function stampOf(file: string): Promise<string> {
  const about = await stat(file).catch(() => undefined);
  return about === undefined ? "" : `${about.ino} ${about.mtimeMs} ${about.size}`;
}

/** In a thread that ends with it, and leaves no memory behind. */
async function makeInThread(checkpoint: string): Promise<Uint8Array<ArrayBuffer>> {
  const thread = new JobThread<string, Uint8Array<ArrayBuffer>>(
    threadScript("serve/live-page-thread"),
    undefined,
  );
  try {
    return await thread.run(checkpoint);
  } finally {
    await thread.close();
  }
}
