/** The live page of a network: one HTML file with the network, what computes it, and an example inside. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { DataFormatError, FileError } from "../../errors.js";
import type { LiveData } from "./live-data.js";

/** Written by `scripts/build-pages.mjs`, for a checkout and an installed package alike. */
const template = new URL("../../../dist/viewer/live.html", import.meta.url);

/**
 * The page. It fetches nothing, and its own policy forbids it to.
 *
 * @param data - what it is told
 * @param model - the network's file
 * @throws FileError if the page has not been built
 */
export async function livePage(data: LiveData, model: Uint8Array): Promise<string> {
  const page = await readFile(template, "utf8").catch(() => {
    throw new FileError(
      `export: expected the page in ${template.pathname}, found none; run scripts/setup, which builds it`,
    );
  });
  const parts = {
    title: escapeText(data.title),
    data: jsonForScript(data),
    model: Buffer.from(model).toString("base64"),
  };
  return page.replace(/\{\{(title|data|model)\}\}/g, (_, name: keyof typeof parts) => parts[name]);
}

/**
 * Sizes of a page: of all that is the same in every page, of the network, and of the example.
 *
 * @throws DataFormatError if it is no page of {@link livePage}
 */
export function describePage(html: string): string {
  const [, json] = html.match(/<script type="application\/json" id="live-data">([^<]*)<\/script>/) ?? [];
  const [, model] = html.match(/<script type="text\/plain" id="live-model">([^<]*)<\/script>/) ?? [];
  if (json === undefined || model === undefined) {
    throw new DataFormatError("export: expected a live page, received another text; export the run again");
  }
  const { example, ...told } = JSON.parse(json) as LiveData;
  // Not as a pattern: a network has dollar signs.
  const page = html.replace(model, "").replace(json, () => JSON.stringify(told));
  const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1000)} kB`;
  const beside = example === undefined ? "" : `, example ${kilobytes(JSON.stringify(example).length)}`;
  return (
    `a page of ${kilobytes(Buffer.byteLength(page))} (gzip ${kilobytes(gzipSync(page).length)}), ` +
    `network ${kilobytes(model.length)}${beside}; open it in a browser`
  );
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** JSON in which nothing can end the script that holds it. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
