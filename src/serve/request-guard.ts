/**
 * Which requests are answered at all. The server listens on loopback only, but a browser reaches that for any page it shows:
 * so only a page of this server may ask, under this server's own names (a foreign name that was made to mean loopback is
 * refused), and only to look.
 */
import type { IncomingMessage } from "node:http";

/** Why a request is refused. */
export type Refusal = { readonly status: 400 | 403 | 405 | 413 | 414; readonly words: string };

const longestTarget = 1024;
/** Words between slashes and perhaps a query: no address of this server needs an escape, a dot alone, or a name before it. */
const ownTarget = /^\/([\w-][\w.-]*(\/[\w-][\w.-]*)*)?(\?[\w.=&-]*)?$/;

/**
 * Looks at a request before anything else does.
 *
 * @param port - that the server listens on
 * @returns `undefined` if it may be answered
 */
export function refusalOf(request: IncomingMessage, port: number): Refusal | undefined {
  const { method, url = "" } = request;
  if (method !== "GET" && method !== "HEAD") return { status: 405, words: "only GET and HEAD are answered" };
  if (url.length > longestTarget) return { status: 414, words: "the address is too long" };
  if (!ownTarget.test(url)) return { status: 400, words: "expected a path of this server" };
  if (hasBody(request)) return { status: 413, words: "expected a request without a body" };
  if (!isOwnHost(request, port)) return { status: 403, words: "expected this server's own name in Host" };
  if (!isOwnOrigin(request)) return { status: 403, words: "expected a request of this server's own page" };
  return undefined;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return "transfer-encoding" in headers || (headers["content-length"] ?? "0") !== "0";
}

function isOwnHost({ rawHeaders, headers: { host = "" } }: IncomingMessage, port: number): boolean {
  const given = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host");
  if (given.length !== 1) return false;
  const names = ["localhost", "127.0.0.1", "[::1]"];
  return names.some((name) =>
    [`${name}:${port}`, ...(port === 80 ? [name] : [])].includes(host.toLowerCase()),
  );
}

/** A browser says where a request comes from; a link to the page may stand anywhere, but nothing else may. */
function isOwnOrigin({ headers }: IncomingMessage): boolean {
  const { host = "", origin } = headers;
  if (origin !== undefined) return origin.toLowerCase() === `http://${host.toLowerCase()}`;
  const site = headers["sec-fetch-site"] ?? "none";
  const isVisit = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  return site === "none" || site === "same-origin" || isVisit;
}
