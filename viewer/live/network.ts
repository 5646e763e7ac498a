/** The page's side of the workers. */
import type { Answer, Opened, Recording, Reply, Request } from "./messages.js";

/** One worker, which answers in order. */
class WorkerLine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #asked = 0;

  constructor(address: string) {
    this.#worker = new Worker(address);
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      const { resolve, reject } = this.#waiting.get(data.id)!;
      this.#waiting.delete(data.id);
      if ("ok" in data) resolve(data.ok as never);
      else reject(new Error(data.failed));
    });
    this.#worker.addEventListener("error", ({ message }) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(message || "the worker did not start"));
      this.#waiting.clear();
    });
  }

  get load(): number {
    return this.#waiting.size;
  }

  ask<T>(request: Request): Promise<T> {
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request }, { transfer: handedOver(request) });
    });
  }
}

/** What is not copied. */
function handedOver(request: Request): Transferable[] {
  if (request.kind !== "segment") return [];
  const { input } = request;
  const bitmap = "bitmap" in input ? [input.bitmap] : [];
  return "values" in input ? [...bitmap, input.values.buffer] : bitmap;
}

/** The network in one or more workers, each with a frame of its own. */
export class Network {
  readonly #lines: readonly WorkerLine[];
  /** Workers that may answer at the same time. */
  readonly lanes: number;

  /**
   * @param script - the worker's source; a page from a file cannot name another file
   * @param lanes - more than one where inputs do not follow each other
   */
  constructor(script: string, lanes: number) {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.#lines = Array.from({ length: lanes }, () => new WorkerLine(address));
    this.lanes = lanes;
  }

  async open(request: Request & { readonly kind: "open" }): Promise<Opened> {
    const opened = await Promise.all(this.#lines.map((line) => line.ask<Opened>(request)));
    return opened[0]!;
  }

  openRecording(file: File): Promise<Recording> {
    return this.#lines[0]!.ask({ kind: "open-recording", file });
  }

  /** Asks the worker that has least to do. */
  segment(request: Omit<Request & { readonly kind: "segment" }, "kind">): Promise<Answer> {
    const [idle] = [...this.#lines].sort((a, b) => a.load - b.load);
    return idle!.ask({ kind: "segment", ...request });
  }
}
