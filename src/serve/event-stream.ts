/** What happens to the runs, as server-sent events. */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { RunWatch } from "./run-watch.js";

/** Something now and then shows both ends that the other one is there. */
const heartbeatMs = 10_000;

/**
 * An answer that lasts: first `runs` with all overviews and the folder that is watched, then `run` with an overview whenever
 * one changed or is new, and `gone` with an id; `here` where nothing happens. Whoever connects again begins again, so that
 * nothing can be missed.
 */
export function eventStream(context: Context, watch: RunWatch): Response {
  return streamSSE(context, async (stream) => {
    const changes = watch.follow();
    stream.onAbort(() => watch.forget(changes));
    const send = (event: string, data: unknown) => stream.writeSSE({ event, data: JSON.stringify(data) });
    try {
      await watch.look();
      const { root, runs } = watch;
      await send("runs", { root, runs: runs.map((run) => run.overview()) });
      while (!changes.closed && !stream.aborted) {
        const ids = await changes.next(heartbeatMs);
        if (ids.length === 0) await send("here", null);
        for (const id of ids) {
          const run = watch.find(id);
          await (run === undefined ? send("gone", { id }) : send("run", run.overview()));
        }
      }
    } finally {
      watch.forget(changes);
    }
  });
}
