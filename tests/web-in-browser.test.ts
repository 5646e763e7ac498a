/** A network in a real browser, whose modules are those of Node: the same bits, on every engine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rand, scope } from "../src/engine/index.js";
import { foldNetwork, writeWebModel } from "../src/export/index.js";
import { createModel, type SnnSettings } from "../src/models/index.js";
import { openWebNetwork } from "../src/web/index.js";

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const dist = join(import.meta.dirname, "../dist");
const origin = "http://page.test";
const script = `<script type="module">import * as web from "/web/index.js"; globalThis.web = web;</script>`;
const size = [24, 32] as const;

function fileOf(settings: Partial<SnnSettings>) {
  const sizes = { inputChannels: 3, numClasses: 4 } as const;
  using model = createModel({ kind: "snn", arch: "dl-vgg9", ...sizes, ...settings }, { seed: 4 });
  return writeWebModel(foldNetwork(model), {
    ...{ name: "a test", classes: ["a", "b", "c", "d"] },
    colors: [0, 1, 2, 3].map((c) => [c, c, c] as const),
    input: {
      ...{ kind: "picture", size, fit: "stretch", encoding: "direct" },
      channels: [0, 1, 2].map((source) => ({ source, subtract: 0, divide: 255 })),
    },
  });
}

describe.skipIf(!browserPath)(
  "a network in Chromium (skipped without Debian's chromium)",
  { timeout: 180_000 },
  () => {
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: browserPath!,
        args: ["--no-sandbox", "--disable-gpu"],
      });
      page = await browser.newPage();
      // Modules as they are built; nothing is bundled, so that whatever needs Node fails.
      await page.route(`${origin}/**`, (route) => {
        const path = new URL(route.request().url()).pathname;
        if (path === "/")
          return route.fulfill({ contentType: "text/html", body: `<!doctype html>${script}` });
        return route.fulfill({ path: join(dist, path), contentType: "text/javascript" });
      });
      await page.goto(`${origin}/`);
      await page.waitForFunction("globalThis.web");
    }, 180_000);
    afterAll(() => browser?.close());

    it.each([
      ["spikes", { timesteps: 2, batchNorm: false, threshold: 0.05 }],
      ["integers", { timesteps: 1, neuron: "integer", norm: "affine" }],
    ] as const)("gives the bits of Node: %s", async (_, settings) => {
      const bytes = fileOf(settings);
      const frame = scope("frame", () =>
        rand([1, 3, ...size], 6)
          .toFloat32Array()
          .map((x) => 4 * x),
      );
      const network = await openWebNetwork(bytes);
      for (let t = 0; t < settings.timesteps; t++) network.step(t === 0 ? frame : undefined);
      const expected = [...network.scores()];
      expect(new Set(expected).size).toBeGreaterThan(50);
      const received = await page.evaluate(
        async ({ base64, values, timesteps }) => {
          const { openWebNetwork, webEngines } = (
            globalThis as unknown as { web: typeof import("../src/web/index.js") }
          ).web;
          const file = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const found: Record<string, number[]> = {};
          for (const engine of webEngines()) {
            const network = await openWebNetwork(file, { engine });
            for (let t = 0; t < timesteps; t++) network.step(t === 0 ? Float32Array.from(values) : undefined);
            found[engine] = [...network.scores()];
          }
          return found;
        },
        {
          ...{ base64: Buffer.from(bytes).toString("base64"), values: [...frame] },
          timesteps: settings.timesteps,
        },
      );
      expect(Object.keys(received)).toEqual(["wasm-relaxed-simd", "wasm-simd", "javascript"]);
      for (const scores of Object.values(received)) expect(scores).toEqual(expected);
    });
  },
);
