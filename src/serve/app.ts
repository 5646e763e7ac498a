/** What the server answers. Ids from addresses are looked up among what is known, and never made into paths. */
import { basename } from "node:path";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { secureHeaders } from "hono/secure-headers";
import { knownError } from "../runs/index.js";
import { eventStream } from "./event-stream.js";
import { LivePages } from "./live-pages.js";
import { pageFiles } from "./page-files.js";
import { readRegularFile } from "./read-regular-file.js";
import type { RunWatch } from "./run-watch.js";
import type { WatchedRun } from "./watched-run.js";

/** Charts style themselves; nothing else may be written into the page, and nothing comes from elsewhere. */
const pagePolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
/** A report has no scripts and fetches nothing; this holds whatever the file is to that. */
const reportPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox";
/** What a live page may do stands in it, and it may fetch nothing; this holds beside that. */
const livePolicy = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The routes of the page and of what it asks for. */
export function appOf(watch: RunWatch): Hono {
  const app = new Hono();
  const livePages = new LivePages();
  app.use(
    secureHeaders({
      ...{
        strictTransportSecurity: false,
        originAgentCluster: false,
        xFrameOptions: "DENY",
        overwrite: false,
      },
      contentSecurityPolicy: pagePolicy,
    }),
  );
  app.use(async (context, next) => {
    await next();
    context.header("Cache-Control", "no-store");
  });
  for (const [path, { type, read }] of pageFiles) {
    app.get(path, async (context) => context.body(await read(), 200, { "Content-Type": type }));
  }
  app.get("/api/events", (context) =>
    context.req.method === "HEAD" ? context.body(null) : eventStream(context, watch),
  );
  app.get("/api/runs", async (context) => {
    await watch.look();
    return context.json({ runs: watch.runs.map((run) => run.overview()) });
  });
  app.get("/api/runs/:id", async (context) => {
    await watch.look();
    const run = watch.find(context.req.param("id"));
    return run === undefined ? context.notFound() : context.json(run.detail());
  });
  app.get("/api/runs/:id/pictures/:version", async (context) => {
    const run = watch.find(context.req.param("id"));
    const picture = run?.pictures.find(({ version }) => version === context.req.param("version"));
    const path = picture && run?.folder.picture(picture.name);
    return await fileAnswer(context, path, { "Content-Type": "image/png" });
  });
  app.get("/api/runs/:id/report", async (context) => {
    const path = watch.find(context.req.param("id"))?.folder.report;
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": reportPolicy };
    return await fileAnswer(context, path, headers);
  });
  app.get("/api/runs/:id/live", async (context) => {
    await watch.look();
    const run = watch.find(context.req.param("id"));
    if (run?.checkpoint === undefined) return context.notFound();
    try {
      const page = await livePages.of(run.checkpoint);
      const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": livePolicy };
      return context.body(page, 200, headers);
    } catch (error) {
      return context.html(refusalPage(run, knownError(error).message), 422);
    }
  });
  app.notFound((context) => context.json({ error: "there is nothing at this address" }, 404));
  app.onError((error, context) => context.json({ error: error.message }, 500));
  return app;
}

/** In place of a live page: why there is none. */
function refusalPage({ id, folder }: WatchedRun, reason: string) {
  const name = basename(folder.path);
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${name} · snnseg</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/viewer/runs/icon.svg">
    <link rel="stylesheet" href="/viewer/report.css">
    <link rel="stylesheet" href="/viewer/runs/runs.css">
  </head>
  <body>
    <header><a class="home" href="/#/">snnseg runs</a></header>
    <main>
      <h1>${name} has no live page</h1>
      <p class="problem">${reason}</p>
      <p><a href="/#/run/${id}">Back to the run</a></p>
    </main>
  </body>
</html>
`;
}

async function fileAnswer(context: Context, path: string | undefined, headers: Record<string, string>) {
  const bytes = path === undefined ? undefined : await readRegularFile(path);
  return bytes === undefined ? context.notFound() : context.body(bytes, 200, headers);
}
