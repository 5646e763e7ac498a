/** What a page gets of `snnseg/web`: nothing of Node, few kilobytes, and in a browser the same events as in Node. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as web from "../src/entries/web.js";
import { aedat4File, evt3File, lz4Packing, randomEvents } from "./event-writers.js";

const root = join(import.meta.dirname, "..");
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const browserFlags = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
/** Bytes, minified. */
const largestBundle = 60_000;
const readersAndFrames =
  "openEventsBlob, sliceByTime, sliceByCount, EventRateCounter, countFrame, voxelGrid, binaryFrames, timeSurface, evSegNetChannels, eventPlanes, fitEvents, fitPicture, normalisePicture, resizePicture, resizePlanes, overlayImage, labelImage, legendOf, sideBySide";

const sizes = (code: string) => `${code.length} bytes minified, ${gzipSync(code).length} with gzip`;

/** A bundle for a page, as users' tools make one: a name that they would have to replace is an error. */
async function bundled(contents: string, format: "esm" | "iife") {
  const result = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ bundle: true, minify: true, write: false, metafile: true },
    ...{ format, platform: "browser", target: "es2022", legalComments: "none" },
  });
  return { code: result.outputFiles[0]!.text, inputs: Object.keys(result.metafile.inputs) };
}

/** Counts and mixes all columns of a recording, so that one other number shows. */
const checksum = `async (blob: Blob) => {
  let [events, sum] = [0, 0];
  for await (const { timestampsUs, x, y, polarity, length } of (await openEventsBlob(blob)).batches()) {
    for (let i = 0; i < length; i++) {
      sum = (sum * 31 + timestampsUs[i]! + 3 * x[i]! + 7 * y[i]! + 11 * polarity[i]!) % 1_000_003;
    }
    events += length;
  }
  return [events, sum];
}`;

describe("the bundle", () => {
  it("has no module of Node, and of packages only fzstd", async () => {
    const { code, inputs } = await bundled('export * from "./src/entries/web.ts";', "esm");
    const packages = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
    expect([...new Set(packages)]).toEqual(["fzstd"]);
    expect(inputs.filter((path) => builtinModules.includes(path.replace(/^node:/, "")))).toEqual([]);
    expect(code).not.toMatch(/require\(|["']node:/);
    expect(inputs.filter((path) => path.startsWith("src/")).length).toBeGreaterThan(50);
    console.log(`all of snnseg/web: ${sizes(code)}`);
  });

  it("of readers and frames is small", async () => {
    const { code } = await bundled(`export { ${readersAndFrames} } from "./src/entries/web.ts";`, "esm");
    console.log(`readers and frames: ${sizes(code)}`);
    expect(code.length).toBeLessThan(largestBundle);
  });
});

describe.skipIf(!browserPath)(
  "in a browser (skipped without Debian's chromium)",
  { timeout: 180_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "snnseg-web-"));
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      const { code } = await bundled(
        `
      import { openEventsBlob } from "./src/entries/web.ts";
      const checksum = ${checksum};
      document.querySelector("input")!.addEventListener("change", async (event: any) => {
        const said = await checksum(event.target.files[0]).catch((error: Error) => error.message);
        document.querySelector("output")!.textContent = JSON.stringify(said);
      });`,
        "iife",
      );
      const file = join(folder, "page.html");
      writeFileSync(
        file,
        `<meta charset="utf-8"><input type="file"><output></output><script>${code}</script>`,
      );
      browser = await chromium.launch({ executablePath: browserPath!, args: browserFlags });
      page = await browser.newPage();
      await page.goto(`file://${file}`);
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true });
    });

    async function said(name: string, buffer: Buffer): Promise<unknown> {
      await page.evaluate('document.querySelector("output").textContent = ""');
      await page.locator("input").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
      await page.waitForFunction('document.querySelector("output").textContent !== ""', undefined, {
        timeout: 150_000,
      });
      return JSON.parse(await page.locator("output").innerText());
    }

    const events = randomEvents(150_000, { width: 346, height: 260, seed: 8 });
    it.each([
      ["EVT 3.0", evt3File(events)],
      ["AEDAT 4", aedat4File(events, { packing: lz4Packing })],
    ])("a file of %s gives the events that it gives in Node", async (_, bytes) => {
      const { openEventsBlob } = web;
      let [count, sum] = [0, 0];
      for await (const batch of (await openEventsBlob(new Blob([new Uint8Array(bytes)]))).batches()) {
        const { timestampsUs, x, y, polarity, length } = batch;
        for (let i = 0; i < length; i++) {
          sum = (sum * 31 + timestampsUs[i]! + 3 * x[i]! + 7 * y[i]! + 11 * polarity[i]!) % 1_000_003;
        }
        count += length;
      }
      expect(count).toBe(events.length);
      expect(await said("recording", bytes)).toEqual([count, sum]);
    });

    it("a file of another kind gives a sentence with its name", async () => {
      expect(await said("holiday.npz", Buffer.from("PK\x03\x04".padEnd(99, "\0")))).toMatch(
        /^read events: holiday\.npz, byte 0: expected an event recording .*, received a ZIP archive/,
      );
    });
  },
);
