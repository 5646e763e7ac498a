// Puts together dist/viewer/live.html: the live page with its look, its script and its worker, open for title, data and network
// (src/export/web fills these in). One file, because a page from file:// can load no other.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const folder = new URL("../viewer/live/", import.meta.url);
const target = new URL("../dist/viewer/", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");

const onlyNode = /^(node:.*|sharp|fast-png)$/;

/** Modules whose exports nothing uses are left out, and with them what only Node has. */
const onlyUsed = {
  name: "only what is used",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === "resolved") return undefined;
      return { ...(await resolve(path, { ...where, pluginData: "resolved" })), sideEffects: false };
    });
    onResolve({ filter: onlyNode }, () => ({ external: true, sideEffects: false }));
  },
};

async function bundle(entry, format) {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, folder).pathname],
    bundle: true,
    write: false,
    minify: true,
    format,
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    plugins: [onlyUsed],
    logLevel: "warning",
    // Only modules that are left out ask for it.
    logOverride: { "empty-import-meta": "silent" },
  });
  const [used] = outputFiles[0].text.match(/["'](node:[a-z/]+|sharp|fast-png)["']/) ?? [];
  if (used) throw new Error(`build pages: expected ${entry} to need nothing of Node, found ${used}`);
  // Nothing in it may end the element that holds it.
  return outputFiles[0].text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

async function minifiedStyle() {
  const contents = readFileSync(new URL("../report.css", folder), "utf8") + read("live.css");
  const { outputFiles } = await build({ stdin: { contents, loader: "css" }, write: false, minify: true });
  return outputFiles[0].text;
}

const [style, script, worker] = await Promise.all([
  minifiedStyle(),
  bundle("start.ts", "esm"),
  bundle("worker.ts", "iife"),
]);
const parts = { style, script, worker };
const page = read("live.html").replace(/\{\{(style|script|worker)\}\}/g, (_, name) => parts[name]);
mkdirSync(target, { recursive: true });
writeFileSync(new URL("live.html", target), page);
