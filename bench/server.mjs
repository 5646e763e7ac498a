/**
 * A web server that segments pictures: how late its event loop gets with 20 requests at once, and whether its memory grows.
 * An untrained spiking DeepLab (T = 20, 64x64) answers pictures of 640x480; server and clients are this process.
 *
 * `node bench/server.mjs [REQUESTS]` (600 without a number)
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createModel, loadSegmenter, saveModel } from "snnseg";
import { encodePicturePng } from "snnseg/data";

const requests = Number(process.argv[2] ?? 600);
const atOnce = 20;
const folder = mkdtempSync(join(tmpdir(), "snnseg-server-"));
try {
  const data = { dataset: "folder", root: folder, imgSize: [64, 64] };
  const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 11 });
  const segmenter = await loadSegmenter(await saveModel(join(folder, "m"), model, { options: data }));
  model.dispose();
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const prediction = await segmenter.predict(Buffer.concat(parts));
    response.end(prediction.toMaskPng());
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${server.address().port}/`;
  const pixels = Uint8Array.from({ length: 640 * 480 * 3 }, (_, i) => (i * 31 + (i >> 9)) % 256);
  const picture = encodePicturePng({ width: 640, height: 480, data: pixels });
  const ask = async () => (await fetch(address, { method: "POST", body: picture })).arrayBuffer();
  const round = () => Promise.all(Array.from({ length: atOnce }, ask));

  await round();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const memory = [];
  const began = performance.now();
  delay.enable();
  for (let done = 0; done < requests; done += atOnce) {
    await round();
    memory.push(process.memoryUsage().rss / 2 ** 20);
  }
  delay.disable();
  const seconds = (performance.now() - began) / 1000;
  const third = Math.ceil(memory.length / 3);
  const most = (part) => Math.max(...part).toFixed(0);
  const late = (nanoseconds) => `${(nanoseconds / 1e6 - 1).toFixed(1)} ms`;
  console.log(`${cpus()[0].model}, ${availableParallelism()} processors, node ${process.version}`);
  console.log(`${requests} requests, ${atOnce} at once: ${(requests / seconds).toFixed(1)} a second`);
  console.log(
    `event loop late by: median ${late(delay.percentile(50))}, 99 % ${late(delay.percentile(99))}, most ${late(delay.max)}`,
  );
  console.log(
    `resident memory, most of each third: ${most(memory.slice(0, third))}, ${most(memory.slice(third, 2 * third))}, ${most(memory.slice(2 * third))} MiB`,
  );
  server.closeAllConnections();
  server.close();
  await segmenter.close();
} finally {
  rmSync(folder, { recursive: true });
}
