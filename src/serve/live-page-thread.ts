/** The thread that makes a live page. */
import { livePageOf } from "../runs/index.js";
import { serveJobs } from "../threads/index.js";

serveJobs<string, Uint8Array<ArrayBuffer>>(async (checkpoint) => {
  const answer = new TextEncoder().encode(await livePageOf(checkpoint));
  return { answer, transfer: [answer.buffer] };
});
