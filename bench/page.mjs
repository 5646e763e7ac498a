/**
 * Frames a second of live pages, in Chromium, with drawing, of a webcam that plays pictures of a folder; and ONNX Runtime's WASM on the
 * same network in float32 in the same browser: both in turn, after a round of warming up, medians over the rounds.
 *
 * `taskset -c 1 node bench/page.mjs PICTURES RUN... [--rounds 3] [--seconds 6]`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { readOnnx } from "../dist/entries/export.js";
import { exportRun } from "../dist/entries/runs.js";
import { decodePicture } from "../dist/images/index.js";
import { launchChromium, runtimePage } from "../scripts/results/runtimes/chromium.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "6" } },
});
const [pictures, ...runs] = positionals;
if (runs.length === 0) throw new Error("usage: page.mjs PICTURES RUN... [--rounds N] [--seconds S]");
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const folder = mkdtempSync(join(tmpdir(), "snnseg-page-bench-"));

/** Raw pictures (YUV4MPEG2) at 60 frames a second, which Chromium plays as a webcam. */
async function film() {
  const parts = [];
  let size;
  for (const name of readdirSync(pictures).slice(0, 100)) {
    const { width, height, data } = await decodePicture(readFileSync(join(pictures, name)));
    size ??= [width, height];
    if (size[0] !== width || size[1] !== height) continue;
    const [luma, u, v] = [width * height, (width * height) / 4, (width * height) / 4].map((n) =>
      Buffer.alloc(n),
    );
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [r, g, b] = data.subarray(3 * (y * width + x));
        luma[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b;
        if (y % 2 || x % 2) continue;
        const at = ((y / 2) * width) / 2 + x / 2;
        u[at] = 128 - 0.169 * r - 0.331 * g + 0.5 * b;
        v[at] = 128 + 0.5 * r - 0.419 * g - 0.081 * b;
      }
    }
    parts.push(Buffer.from("FRAME\n"), luma, u, v);
  }
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${size[0]} H${size[1]} F60:1 Ip A1:1 C420jpeg\n`), ...parts]);
}

const webcam = join(folder, "webcam.y4m");
writeFileSync(webcam, await film());
const browser = await launchChromium([
  ...["--disable-background-networking", "--disable-component-update"],
  ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
  `--use-file-for-fake-video-capture=${webcam}`,
]);
const context = await browser.newContext({ permissions: ["camera"], viewport: { width: 1280, height: 800 } });
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** ONNX Runtime on a file, in a page of its own. @param shape - of its image */
async function openRuntime(file, shape) {
  const page = await runtimePage(context, file);
  await page.evaluate((shape) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 0.37));
    globalThis.image = new ort.Tensor("float32", values, shape);
  }, shape);
  return {
    /** Milliseconds of each call. */
    run: (ms) =>
      page.evaluate(async (ms) => {
        const times = [];
        const end = performance.now() + ms;
        while (performance.now() < end || times.length < 3) {
          const start = performance.now();
          await globalThis.session.run({ image: globalThis.image });
          times.push(performance.now() - start);
        }
        return times;
      }, ms),
    close: () => page.close(),
  };
}

console.log(
  `${cpus()[0].model}, ${availableParallelism()} core(s), Chromium ${browser.version()}, webcam at 60 frames/s`,
);
for (const run of runs) {
  const [html, onnx] = [join(folder, `${basename(run)}.html`), join(folder, `${basename(run)}.onnx`)];
  const { bytes } = await exportRun(run, { to: "web", output: html });
  await exportRun(run, { to: "onnx", output: onnx });
  const { input } = readOnnx(readFileSync(onnx)).meta;
  const page = await context.newPage();
  await page.goto(pathToFileURL(html).href);
  await page.locator(".ready").waitFor({ state: "attached" });
  await page.locator("#camera").click();
  const runtime = await openRuntime(onnx, [1, input.channels, ...input.size]);
  const [rates, computed, calls] = [[], [], []];
  for (let round = -1; round < rounds; round++) {
    await page.bringToFront();
    if (round >= 0) await page.locator("#pause").click();
    await wait(2500);
    const until = performance.now() + 1000 * seconds;
    while (performance.now() < until) {
      await wait(500);
      const pace = await page.locator("#pace").textContent();
      const [, rate, ms] = /([\d.]+) frames a second · (\d+) ms/.exec(pace) ?? [];
      if (round >= 0 && rate !== undefined) {
        rates.push(Number(rate));
        computed.push(Number(ms));
      }
    }
    await page.locator("#pause").click();
    await wait(300);
    const times = await runtime.run(1000 * seconds);
    if (round >= 0) calls.push(...times);
  }
  const [rate, ms, call] = [median(rates), median(computed), median(calls)];
  console.log(
    `${basename(run)}: ${rate.toFixed(1)} frames/s with drawing (network ${ms} ms), onnxruntime-web fp32 ${call.toFixed(1)} ms: ` +
      `${(call / ms).toFixed(1)} times the network alone, ${((call * rate) / 1000).toFixed(1)} times with preparation and drawing; page of ${(bytes / 1e6).toFixed(2)} MB`,
  );
  await runtime.close();
  await page.close();
}
await browser.close();
rmSync(folder, { recursive: true });
