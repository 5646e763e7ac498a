/** Who asks the server for anything but to look gets a refusal, and the server lives. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunServer } from "../../src/serve/index.js";
import { epochLine, WrittenRun } from "./run-files.js";
import { exchange, within } from "./served.js";

const root = mkdtempSync(join(tmpdir(), "snnseg-serve-"));
const secret = "not for strangers";
let server: RunServer;
let host = "";
let id = "";
const getText = async (path: string) => (await fetch(server.address + path)).text();

beforeAll(async () => {
  writeFileSync(join(root, "secret.txt"), secret);
  const run = new WrittenRun(root, "mine");
  run.log(epochLine(1));
  run.picture("examples", 200);
  symlinkSync(join(root, "secret.txt"), join(run.path, "pictures", "link.png"));
  symlinkSync(join(root, "secret.txt"), join(run.path, "report.html"));
  server = await RunServer.start({ root }, { port: 0 });
  host = new URL(server.address).host;
  id = JSON.parse(await getText("api/runs")).runs[0].id;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

const get = (target: string, ...headers: string[]) =>
  [`GET ${target} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers, "", ""].join("\r\n");
const withHost = (value: string) => `GET / HTTP/1.1\r\nHost: ${value}\r\nConnection: close\r\n\r\n`;
const withMethod = (method: string, ...more: string[]) =>
  [`${method} / HTTP/1.1`, `Host: ${host}`, "Connection: close", ...more, "", ""].join("\r\n");
const port = () => new URL(server.address).port;

/** What is asked, and the status that answers it; none where the server just closes. */
const hostile: readonly (readonly [
  name: string,
  request: () => string | Uint8Array,
  status: number | null,
])[] = [
  ["a path upwards", () => get("/../../../../etc/passwd"), 400],
  ["a path upwards from a run", () => get(`/api/runs/${id}/pictures/../../../secret.txt`), 400],
  ["an escaped path upwards", () => get("/%2e%2e/%2e%2e/etc/passwd"), 400],
  ["a doubly escaped path upwards", () => get("/viewer/%252e%252e%252fpackage.json"), 400],
  ["an escaped separator", () => get(`/api/runs/${id}/pictures/..%2f..%2fconfig.json`), 400],
  ["a backslash", () => get("/viewer/..\\..\\package.json"), 400],
  ["an overlong encoding of a dot", () => get("/viewer/%c0%ae%c0%ae/package.json"), 400],
  ["an escape that is none", () => get("/%zz"), 400],
  ["half an escape", () => get("/%"), 400],
  ["an escaped NUL", () => get("/api/runs/%00"), 400],
  ["a bare NUL", () => get("/api/runs/\0"), 400],
  ["two slashes, which some take for a host", () => get("//evil.example/"), 400],
  ["an absolute target elsewhere", () => get("http://evil.example/"), 400],
  ["an absolute target here", () => get(`http://${host}/`), 400],
  ["a target of another kind", () => get("*"), 400],
  ["a file of the run that is no picture", () => get(`/api/runs/${id}/pictures/config.json`), 404],
  ["a path in place of an id", () => get("/api/runs/mine"), 404],
  ["a name from the prototype", () => get("/api/runs/constructor"), 404],
  ["a report that is a link", () => get(`/api/runs/${id}/report`), 404],
  ["a live page of a run without a checkpoint", () => get(`/api/runs/${id}/live`), 404],
  ["a path behind a live page", () => get(`/api/runs/${id}/live/../../../secret.txt`), 400],
  [
    "a live page as a foreign page's script",
    () => get(`/api/runs/${id}/live`, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"),
    403,
  ],
  ["a file of the viewer that the page has not", () => get("/viewer/panels.js"), 404],
  ["a very long target", () => get(`/${"a".repeat(2000)}`), 414],
  ["a target longer than all headers may be", () => get(`/${"a".repeat(100_000)}`), 431],
  ["headers of 100 KB", () => get("/", `X-Large: ${"a".repeat(100_000)}`), 431],
  ["ten thousand headers", () => get("/", ...Array.from({ length: 10_000 }, (_, i) => `X-${i}: 1`)), 431],
  ["a foreign Host", () => withHost("evil.example"), 403],
  ["a foreign Host with our port", () => withHost(`evil.example:${port()}`), 403],
  ["a Host that begins like ours", () => withHost(`localhost.evil.example:${port()}`), 403],
  ["a Host with another port", () => withHost("127.0.0.1:1"), 403],
  ["an empty Host", () => withHost(""), 403],
  ["two Hosts", () => get("/", "Host: evil.example"), 403],
  ["no Host", () => "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
  ["no Host in HTTP/1.0", () => "GET / HTTP/1.0\r\n\r\n", 403],
  ["a foreign Origin", () => get("/api/runs", "Origin: https://evil.example"), 403],
  ["another port's Origin", () => get("/api/runs", "Origin: http://127.0.0.1:1"), 403],
  ["the Origin null", () => get("/api/runs", "Origin: null"), 403],
  [
    "a picture for a foreign page",
    () => get("/api/runs", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"),
    403,
  ],
  [
    "a frame in a foreign page",
    () =>
      get("/", ...["Site: cross-site", "Mode: navigate", "Dest: iframe"].map((word) => `Sec-Fetch-${word}`)),
    403,
  ],
  ["POST", () => withMethod("POST", "Content-Length: 0"), 405],
  ["PUT", () => withMethod("PUT", "Content-Length: 0"), 405],
  ["DELETE", () => withMethod("DELETE"), 405],
  ["OPTIONS, as before a foreign request", () => withMethod("OPTIONS", "Origin: https://evil.example"), 405],
  ["TRACE", () => withMethod("TRACE"), 405],
  ["PROPFIND", () => withMethod("PROPFIND"), 405],
  ["CONNECT", () => `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 405],
  ["a method that is none", () => withMethod("LOOK"), 400],
  ["GET with a body", () => `${get("/", "Content-Length: 5")}hello`, 413],
  [
    "GET with a body in chunks",
    () => `${get("/", "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`,
    413,
  ],
  ["two lengths", () => get("/", "Content-Length: 0", "Content-Length: 5"), 400],
  ["length and chunks, to smuggle", () => get("/", "Content-Length: 5", "Transfer-Encoding: chunked"), 400],
  ["a header with a line feed in it", () => get("/", "X: a\nb"), 400],
  ["a header without a name", () => get("/", ": a"), 400],
  ["HTTP/0.9", () => "GET /\r\n\r\n", 403],
  ["HTTP/2 without an agreement", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["the beginning of TLS", () => Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0, 1, 0, 1, 0xfc, 0x03, 0x03), 400],
  ["noise", () => Uint8Array.from({ length: 4096 }, (_, i) => (i * 193 + 7) % 256), 400],
];

describe("a hostile request", () => {
  it.each(hostile)("%s", async (_name, request, status) => {
    const answer = await exchange(server.address, request());
    expect(answer).not.toBeNull();
    expect(answer).not.toContain(secret);
    expect(answer).not.toContain("root:");
    expect(/^HTTP\/1\.1 (\d+)/.exec(answer!)?.[1] ?? null).toBe(status && String(status));
    expect(answer!.toLowerCase()).not.toContain("access-control-allow");
    expect((await fetch(server.address)).status).toBe(200);
  });
});

describe("a client that never ends", () => {
  it("is let go when it sends its headers slowly", { timeout: 30_000 }, async () => {
    const began = performance.now();
    expect(await exchange(server.address, `GET / HTTP/1.1\r\nHost: ${host}\r\n`)).toMatch(/^HTTP\/1\.1 408/);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it("cannot take all connections for long", { timeout: 60_000 }, async () => {
    const idle = Array.from({ length: 200 }, () => exchange(server.address, "GET", { mostMs: 20_000 }));
    await Promise.all(idle);
    await within(10_000, async () => (await fetch(server.address).catch(() => undefined))?.ok || undefined);
  });
});

describe("a request that is right", () => {
  it.each(["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])("is answered under the name %s", async (name) => {
    expect(await exchange(server.address, withHost(`${name}:${port()}`))).toMatch(/^HTTP\/1\.1 200/);
  });

  it("comes from the page itself, or by a link from anywhere", async () => {
    const own = get("/api/runs", `Origin: http://${host}`, "Sec-Fetch-Site: same-origin");
    expect(await exchange(server.address, own)).toMatch(/^HTTP\/1\.1 200/);
    const visit = ["Site: cross-site", "Mode: navigate", "Dest: document"].map((word) => `Sec-Fetch-${word}`);
    expect(await exchange(server.address, get("/", ...visit))).toMatch(/^HTTP\/1\.1 200/);
  });

  it("gets headers that keep other pages, frames and scripts out", async () => {
    for (const path of ["", "api/runs", "viewer/dom.js", "nothing"]) {
      const { headers } = await fetch(server.address + path);
      const policy = headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("with HEAD gets the headers alone, also of the events", async () => {
    for (const path of ["", "api/runs", "api/events", `api/runs/${id}`]) {
      const answer = await exchange(server.address, get(`/${path}`).replace("GET", "HEAD"));
      expect(answer).toMatch(/^HTTP\/1\.1 200/);
      expect(answer).toMatch(/\r\n\r\n$/);
    }
  });

  it("finds pictures, which are files and no links", async () => {
    const { pictures } = JSON.parse(await getText(`api/runs/${id}`));
    expect(pictures).toMatchObject([{ name: "examples" }]);
    const answer = await fetch(`${server.address}api/runs/${id}/pictures/${pictures[0].version}`);
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(new Uint8Array(await answer.arrayBuffer()).subarray(1, 4)).toEqual(
      new TextEncoder().encode("PNG"),
    );
  });
});
