/** Files of ONNX in ONNX Runtime's WASM in Chromium. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const dist = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
const origin = "https://page.test";
const script = `import * as ort from "/ort.wasm.bundle.min.mjs"; ort.env.wasm.numThreads = 1; ort.env.wasm.wasmPaths = "/"; globalThis.ort = ort;`;

/** Opens a browser; its `digests` are SHA-256 of the scores of each batch. */
export async function openChromium() {
  if (executablePath === undefined)
    throw new Error("expected Debian's chromium, found none; apt-get install chromium");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.route(`${origin}/**`, (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === "/") {
      const body = `<!doctype html><script type="module">${script}</script>`;
      return route.fulfill({ contentType: "text/html", body });
    }
    const contentType = path.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    return route.fulfill({ path: join(dist, path), contentType });
  });
  await page.goto(`${origin}/`);
  await page.waitForFunction("globalThis.ort");
  const base64 = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return {
    close: () => browser.close(),
    async digests(file, batches, output = "logits") {
      await page.evaluate(
        async (model) => {
          globalThis.bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          globalThis.session = await ort.InferenceSession.create(globalThis.bytesOf(model));
        },
        base64(readFileSync(file)),
      );
      const found = [];
      for (const { images, shape } of batches) {
        found.push(
          await page.evaluate(
            async ({ values, shape, output }) => {
              const image = new ort.Tensor(
                "float32",
                new Float32Array(globalThis.bytesOf(values).buffer),
                shape,
              );
              const { data } = (await globalThis.session.run({ image }))[output];
              const hash = await crypto.subtle.digest("SHA-256", data);
              return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
            },
            { values: base64(images), shape, output },
          ),
        );
      }
      await page.evaluate(() => globalThis.session.release());
      return found;
    },
  };
}
