/** What tests ask a server that watches runs. */
import { connect } from "node:net";
import type { RunDetail, RunOverview } from "../../src/serve/index.js";

/** The list of runs. */
export async function runsAt(address: string): Promise<readonly RunOverview[]> {
  const answer = await fetch(`${address}api/runs`);
  return ((await answer.json()) as { runs: RunOverview[] }).runs;
}

/** Everything about a run. */
export async function detailAt(address: string, id: string): Promise<RunDetail> {
  return (await (await fetch(`${address}api/runs/${id}`)).json()) as RunDetail;
}

/** Whether something is there within so long. */
export async function within<T>(
  mostMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const until = performance.now() + mostMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`nothing within ${mostMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends bytes and returns all that comes back until the server closes; `null` if it does not within so long. */
export function exchange(
  address: string,
  bytes: string | Uint8Array,
  { mostMs = 15_000, end = false } = {},
): Promise<string | null> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(null);
    }, mostMs);
    const done = () => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.on("data", (piece) => {
      answer += piece.toString("latin1");
    });
    socket.on("error", done);
    socket.on("close", done);
    socket.write(bytes);
    if (end) socket.end();
  });
}

/** A server's events as they come. */
export class EventReader {
  readonly events: { readonly event: string; readonly data: unknown; readonly atMs: number }[] = [];
  readonly #aborter = new AbortController();
  /** Ends with the connection. */
  readonly ended: Promise<void>;

  constructor(address: string) {
    this.ended = this.#read(`${address}api/events`).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#aborter.abort();
    return this.ended;
  }

  /** The first event of this kind that satisfies, now or within so long. */
  find<T>(event: string, satisfies: (data: T) => boolean, mostMs = 3000): Promise<T> {
    return within(mostMs, () => {
      const found = this.events.find((one) => one.event === event && satisfies(one.data as T));
      return found?.data as T | undefined;
    });
  }

  async #read(address: string): Promise<void> {
    const answer = await fetch(address, { signal: this.#aborter.signal });
    let text = "";
    for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const [, event = "", data = "null"] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
        this.events.push({ event, data: JSON.parse(data), atMs: performance.now() });
      }
    }
  }
}
