/** The server behind `snnseg serve`: it only watches. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { refuse } from "../checks/index.js";
import { OptionError } from "../errors.js";
import { systemErrorCode } from "../files/index.js";
import { RunFolder } from "../training/index.js";
import { appOf } from "./app.js";
import { type Refusal, refusalOf } from "./request-guard.js";
import { RunWatch, type Watched } from "./run-watch.js";

/** Addresses that only this machine reaches. */
export const loopbackHosts = ["127.0.0.1", "localhost", "::1"] as const;

/** Where to listen. */
export type ListenOptions = {
  /** One of {@link loopbackHosts}; default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port: number;
};

/** A page of our own asks briefly and with few headers; whoever does not, is let go soon. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
} as const;
/** A browser opens at most six. */
const mostConnections = 64;

/** A server that listens. The owner closes it. */
export class RunServer implements AsyncDisposable {
  /** Of the page, such as `http://127.0.0.1:7878/`. */
  readonly address: string;
  readonly #server: Server;
  readonly #watch: RunWatch;

  private constructor(server: Server, { host, watch }: { readonly host: string; readonly watch: RunWatch }) {
    const { port } = server.address() as AddressInfo;
    this.address = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
    this.#server = server;
    this.#watch = watch;
  }

  /**
   * Begins to listen.
   *
   * @throws OptionError if one of the runs is none, the host is not a loopback address, or the port is in use or not allowed
   */
  static async start(watched: Watched, { host = "127.0.0.1", port }: ListenOptions): Promise<RunServer> {
    if (!(loopbackHosts as readonly string[]).includes(host)) {
      refuse("serve", "host", `a loopback address: ${loopbackHosts.join(", ")}`, host, forwarding);
    }
    if ("runs" in watched) watched.runs.forEach(checkRun);
    const watch = new RunWatch(watched);
    const answer = getRequestListener(appOf(watch).fetch, { overrideGlobalObjects: false });
    const server = createServer(limits, (request, response) => {
      const refusal = refusalOf(request, request.socket.localPort ?? port);
      if (refusal === undefined) void answer(request, response);
      else refuseRequest(request, response, refusal);
    });
    server.maxConnections = mostConnections;
    // CONNECT comes with a bare socket instead of a response.
    server.on("connect", (_request, socket: Duplex) => {
      socket.end("HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    await listening(server, { host, port });
    return new RunServer(server, { host, watch });
  }

  /** Ends at once, with whatever connections are open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch.close();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function checkRun(path: string): void {
  if (new RunFolder(path).hasRun) return;
  throw new OptionError(
    `serve: expected a run folder with config.json, received ${path}; see snnseg runs, or watch a whole folder with --root`,
  );
}

const forwarding = "from another machine forward the port, as ssh -L 7878:localhost:7878 does";

function refuseRequest(request: IncomingMessage, response: ServerResponse, { status, words }: Refusal): void {
  const allow = status === 405 ? { Allow: "GET, HEAD" } : {};
  const headers = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" };
  // What may still come of the request is not waited for.
  response.writeHead(status, { ...headers, ...allow, Connection: "close" });
  response.end(request.method === "HEAD" ? undefined : `${words}\n`);
}

function listening(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, port)));
    server.listen({ host, port }, resolve);
  });
}

function listenError(error: Error, port: number): Error {
  const code = systemErrorCode(error);
  const reason = { EADDRINUSE: "one that another program listens on", EACCES: "one that needs rights" }[
    code ?? ""
  ];
  if (reason === undefined) return error;
  return new OptionError(
    `serve --port: expected a free port, received ${port}, ${reason} (${code}); choose another, or 0 for any that is free`,
    { cause: error },
  );
}
