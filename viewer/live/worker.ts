/** The worker: a network that answers one request after the other, off the page's own thread. */
import type { LayerCost } from "../../src/export/web/index.js";
import { openWebNetwork, type WebNetwork } from "../../src/web/index.js";
import type { Answer, Opened, Recording, Reply, Request } from "./messages.js";
import { InputPreparation } from "./prepare-input.js";
import { runNetwork } from "./run-network.js";

interface OpenNetwork {
  readonly network: WebNetwork;
  readonly preparation: InputPreparation;
  readonly costs: readonly LayerCost[];
}

let opened: OpenNetwork | undefined;

async function answerTo(request: Request): Promise<Opened | Recording | Answer> {
  if (request.kind === "open") {
    const network = await openWebNetwork(new Uint8Array(request.model));
    const { costs, shown } = request.data;
    opened = { network, preparation: new InputPreparation(network.description, shown), costs };
    return { description: network.description, engine: network.engine };
  }
  const { network, preparation, costs } = opened!;
  if (request.kind === "open-recording") return preparation.openRecording(request.file);
  const { run, detail, input } = request;
  const { prepared, picture } = await preparation.prepare(input, run.timesteps);
  const started = performance.now();
  const answer = runNetwork(network, { prepared, run, costs: detail ? costs : undefined });
  return { ...answer, picture, computeMs: performance.now() - started };
}

/** What is handed over instead of copied. */
function handedOver(reply: Opened | Recording | Answer): Transferable[] {
  if (!("labels" in reply)) return [];
  const maps = (reply.detail?.layers ?? []).flatMap((layer) =>
    layer.maps.map(({ buffer }) => buffer as ArrayBuffer),
  );
  return [reply.labels.data.buffer, reply.picture, ...maps];
}

// One after the other: a network has one state.
let last: Promise<void> = Promise.resolve();
addEventListener("message", ({ data }: MessageEvent<{ id: number; request: Request }>) => {
  last = last.then(() => reply(data));
});

async function reply({ id, request }: { id: number; request: Request }): Promise<void> {
  try {
    const ok = await answerTo(request);
    postMessage({ id, ok } satisfies Reply, { transfer: handedOver(ok) });
  } catch (error) {
    postMessage({ id, failed: error instanceof Error ? error.message : String(error) } satisfies Reply);
  }
}
