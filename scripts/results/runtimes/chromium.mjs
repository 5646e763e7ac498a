/** ONNX Runtime's WASM in Chromium. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const dist = dirname(createRequire(import.meta.url).resolve("onnxruntime-web"));
const origin = "https://page.test";
const script = `import * as ort from "/ort.wasm.bundle.min.mjs"; ort.env.wasm.numThreads = 1; ort.env.wasm.wasmPaths = "/"; globalThis.ort = ort;`;

/** Debian's browser. @param args - flags beside the usual ones */
export function launchChromium(args = []) {
  if (executablePath === undefined)
    throw new Error("expected Debian's chromium, found none; apt-get install chromium");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...args] });
}

/** A page whose `ort` has a session on a file of ONNX, as `session`. @param context - of a browser */
export async function runtimePage(context, file) {
  const page = await context.newPage();
  await page.route(`${origin}/**`, (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === "/model") return route.fulfill({ path: file, contentType: "application/octet-stream" });
    if (path === "/") {
      const body = `<!doctype html><script type="module">${script}</script>`;
      return route.fulfill({ contentType: "text/html", body });
    }
    const contentType = path.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    return route.fulfill({ path: join(dist, path), contentType });
  });
  await page.goto(`${origin}/`);
  await page.waitForFunction("globalThis.ort");
  await page.evaluate(async () => {
    const model = new Uint8Array(await (await fetch("/model")).arrayBuffer());
    globalThis.session = await ort.InferenceSession.create(model);
  });
  return page;
}

/** SHA-256 of the scores of each batch. */
export async function digestsInChromium(browser, file, batches) {
  const context = await browser.newContext();
  const page = await runtimePage(context, file);
  const found = [];
  for (const { images, shape } of batches) {
    const values = Buffer.from(images.buffer, images.byteOffset, images.byteLength).toString("base64");
    found.push(
      await page.evaluate(
        async ({ values, shape }) => {
          const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
          const image = new ort.Tensor("float32", new Float32Array(bytes.buffer), shape);
          const { data } = (await globalThis.session.run({ image })).logits;
          const hash = await crypto.subtle.digest("SHA-256", data);
          return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        },
        { values, shape },
      ),
    );
  }
  await context.close();
  return found;
}
