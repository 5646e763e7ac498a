/** A worker thread that answers one job after the other, and keeps the process alive only while it has some. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, type Transferable, Worker } from "node:worker_threads";
import { OptionError } from "../errors.js";
import { type PlainError, plainError, revivedError } from "./plain-error.js";

type Request = { readonly job: number; readonly asked: unknown } | "close";
type Reply =
  | { readonly job: number; readonly answer: unknown }
  | { readonly job: number; readonly error: PlainError };

/** The side that asks. */
export class JobThread<Asked, Answer> {
  readonly #worker: Worker;
  readonly #jobs = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<void>;
  #closing = false;
  #next = 0;

  /** @param setup - what the thread's script finds as `workerData` */
  constructor(script: URL, setup: unknown) {
    this.#worker = new Worker(script, { workerData: setup, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error) =>
      this.#failAll(error instanceof Error ? error : new Error(String(error))),
    );
    this.#ended = new Promise<void>((resolve) => {
      this.#worker.once("exit", () => {
        this.#failAll(new Error("a worker thread ended before it had answered"));
        resolve();
      });
    });
  }

  /** Jobs that are not answered yet. */
  get pending(): number {
    return this.#jobs.size;
  }

  run(asked: Asked, transfer: readonly Transferable[] = []): Promise<Answer> {
    const job = this.#next++;
    return new Promise<Answer>((resolve, reject) => {
      this.#jobs.set(job, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ job, asked } satisfies Request, transfer);
    });
  }

  /** Ends after the jobs under way. */
  close(): Promise<void> {
    this.#closing = true;
    this.#worker.ref();
    this.#worker.postMessage("close" satisfies Request);
    return this.#ended;
  }

  #settle(reply: Reply): void {
    const waiting = this.#jobs.get(reply.job);
    this.#jobs.delete(reply.job);
    if (this.#jobs.size === 0 && !this.#closing) this.#worker.unref();
    if ("error" in reply) waiting?.reject(revivedError(reply.error));
    else waiting?.resolve(reply.answer as Answer);
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#jobs.values()) reject(error);
    this.#jobs.clear();
  }
}

export interface Served<Answer> {
  readonly answer: Answer;
  /** Memory that goes over to the asker. */
  readonly transfer?: readonly Transferable[];
}

/**
 * The side that answers, for a thread's script: one job at a time, in order, unless `together` lets them overlap.
 *
 * @param serve - answers a job
 */
export function serveJobs<Asked, Answer>(
  serve: (asked: Asked) => Promise<Served<Answer>>,
  {
    together = false,
    close = async () => undefined,
  }: { readonly together?: boolean; readonly close?: () => Promise<void> } = {},
): void {
  const port = parentPort;
  if (port === null) return;
  let last: Promise<void> = Promise.resolve();
  const work = async (request: Request) => {
    if (request === "close") {
      await close();
      port.close();
      return;
    }
    const { job } = request;
    try {
      const { answer, transfer = [] } = await serve(request.asked as Asked);
      port.postMessage({ job, answer } satisfies Reply, transfer);
    } catch (error) {
      port.postMessage({ job, error: plainError(error) } satisfies Reply);
    }
  };
  port.on("message", (request: Request) => {
    last = together ? work(request) : last.then(() => work(request));
  });
}

/**
 * The script of a thread: threads run JavaScript, so the build's where this is the TypeScript source.
 *
 * @param path - under `src`, such as `runs/segmenter/segmenter-thread`
 * @param instead - what else a user can do, such as `use 0 workers`
 * @throws OptionError if it is not built
 */
export function threadScript(path: string, instead?: string): URL {
  const isCompiled = import.meta.url.endsWith(".js");
  const script = new URL(`${isCompiled ? ".." : "../../dist"}/${path}.js`, import.meta.url);
  if (existsSync(fileURLToPath(script))) return script;
  throw new OptionError(
    `threads: expected ${fileURLToPath(script)}, received no such file; build the package${instead === undefined ? "" : `, or ${instead}`}`,
  );
}
