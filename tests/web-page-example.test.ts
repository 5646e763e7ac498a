/** Example 11, a page of one's own, as its comment says: bundled, beside its network, from a plain static server. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { exportTargets } from "../src/export/index.js";
import { bands, classes, smallNetwork } from "./live-pages.js";

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const folder = new URL("../examples/11-web-page/", import.meta.url);

describe.skipIf(!browserPath)("example 11 (skipped without Debian's chromium)", { timeout: 120_000 }, () => {
  it("segments a picture", async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL("page.js", folder).pathname],
      ...{ bundle: true, format: "esm", write: false, logLevel: "silent" },
    });
    const { network, meta, options } = await smallNetwork("pictures");
    const files: Readonly<Record<string, readonly [type: string, body: Uint8Array | string]>> = {
      "/": ["text/html", readFileSync(new URL("index.html", folder))],
      "/page.js": ["text/javascript", outputFiles[0]!.contents],
      "/network.safetensors": [
        "application/octet-stream",
        (await exportTargets["web-network"].write(network, meta, options)).bytes,
      ],
    };
    const server = createServer(({ url = "" }, response) => {
      const [type, body] = files[url] ?? ["text/plain", ""];
      response.writeHead(url in files ? 200 : 404, { "content-type": type }).end(body);
    }).listen(0, "127.0.0.1");
    const browser = await chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const status = page.locator("output");
      await expect.poll(() => status.innerText(), { timeout: 60_000 }).toBe(`Ready: ${classes.join(", ")}`);
      const picture = { name: "bands.png", mimeType: "image/png", buffer: Buffer.from(bands(0)) };
      await page.locator("input").setInputFiles(picture);
      await expect.poll(() => status.innerText(), { timeout: 60_000 }).toMatch(/, 3 timesteps$/);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
