/** Memory of a page in Chromium and of its workers, asked over the DevTools protocol. */
import type { CDPSession, Page } from "playwright-core";

/** Bytes that are still needed after garbage has been collected. */
export interface PageMemory {
  /** Objects of the page's JavaScript. */
  readonly page: number;
  /** Its arrays, pictures and DOM. */
  readonly pageBeside: number;
  /** Objects of its workers' JavaScript. */
  readonly workers: number;
  /** Their arrays. */
  readonly workersBeside: number;
  /** Their WebAssembly memories. */
  readonly wasm: number;
}

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize: number;
  readonly backingStorageSize: number;
}
type Ask = (method: string, params?: object) => Promise<unknown>;

/** @param page - with {@link rememberWasm} as its init script; returns what asks how much there is now */
export async function memoryOf(page: Page): Promise<() => Promise<PageMemory>> {
  const session = await page.context().newCDPSession(page);
  const workers = await workersOf(session);
  const ofPage: Ask = (method, params) => session.send(method as "Runtime.evaluate", params as never);
  return async () => {
    const own = await heapOf(ofPage);
    const memory = { page: own.usedSize, pageBeside: besideOf(own), workers: 0, workersBeside: 0, wasm: 0 };
    for (const ask of workers) {
      const heap = await heapOf(ask);
      memory.workers += heap.usedSize;
      memory.workersBeside += besideOf(heap);
      memory.wasm += await wasmOf(ask);
    }
    return memory;
  };
}

/** Those that are there now; Playwright has no session for a worker, but its page's forwards messages. */
async function workersOf(session: CDPSession): Promise<readonly Ask[]> {
  const workers: Ask[] = [];
  const waiting = new Map<number, (result: unknown) => void>();
  let asked = 0;
  session.on("Target.attachedToTarget", ({ sessionId }) => {
    workers.push((method, params) => {
      const message = JSON.stringify({ id: ++asked, method, params });
      const answer = new Promise((resolve) => waiting.set(asked, resolve));
      return session.send("Target.sendMessageToTarget", { sessionId, message }).then(() => answer);
    });
  });
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result: unknown };
    if (id !== undefined) waiting.get(id)!(result);
  });
  const how = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  await session.send("Target.setAutoAttach", how);
  return workers;
}

async function heapOf(ask: Ask): Promise<HeapUsage> {
  await ask("HeapProfiler.collectGarbage");
  return (await ask("Runtime.getHeapUsage")) as HeapUsage;
}

const besideOf = (heap: HeapUsage) => heap.embedderHeapUsedSize + heap.backingStorageSize;

async function wasmOf(ask: Ask): Promise<number> {
  const expression = "wasmMemories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)";
  const { result } = (await ask("Runtime.evaluate", { expression })) as {
    readonly result: { readonly value: number };
  };
  return result.value;
}

/** For a page's init script: workers from Blobs remember their WebAssembly memories. Chromium's own query for objects sometimes never answers. */
export const rememberWasm = `{
  const remember = ${"`"}globalThis.wasmMemories = [];
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...given) => {
      const made = await instantiate(...given);
      wasmMemories.push(made.instance.exports.memory);
      return made;
    };${"`"};
  globalThis.Blob = class extends Blob {
    constructor(parts, options) {
      super(options?.type === "text/javascript" ? [remember, ...parts] : parts, options);
    }
  };
}`;
