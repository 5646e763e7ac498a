/**
 * Events a second of the simulated event camera on one core, by processor time: windows of 50 ms over the pictures of a folder, along the paths of
 * `--dataset simulated`, at several sizes of the sensor. Medians and best of rounds in which the sizes take turns.
 *
 * `node bench/event-simulation.mjs PICTURES [--sizes 48x64,180x240] [--sensor clean] [--rounds 5] [--pictures 40]`
 */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { pictureSuffixes, readPicture, resizePicture } from "../dist/entries/data.js";
import {
  logLuma,
  SimulatedSensor,
  sensorModels,
  simulateEvents,
  smoothPath,
} from "../dist/entries/events.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: "string", default: "48x64,180x240" },
    sensor: { type: "string", default: "clean" },
    rounds: { type: "string", default: "5" },
    pictures: { type: "string", default: "40" },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("usage: event-simulation.mjs PICTURES");
const windowUs = 50_000;
const names = readdirSync(folder).filter((name) => pictureSuffixes.has(extname(name).toLowerCase()));
const chosen = names.sort().slice(0, Number(options.pictures));
const images = await Promise.all(chosen.map((name) => readPicture(join(folder, name))));

/** Pictures with a margin of a fifth, as `--dataset simulated` has them, and a sensor that looks at them. */
function viewOf(size) {
  const wide = size.map((side) => Math.ceil(side * 1.2));
  const [height, width] = size;
  return {
    size,
    stills: images.map((image) => {
      const planes = resizePicture(image, wide);
      return { height: wide[0], width: wide[1], levels: logLuma(planes) };
    }),
    sensor: new SimulatedSensor({ height, width, model: sensorModels[options.sensor], seed: 0 }),
    rates: [],
  };
}

/** Events of a window of each picture. */
function pass({ size, stills, sensor }) {
  let events = 0;
  for (const [seed, picture] of stills.entries()) {
    const sizes = { sensor: size, picture: [picture.height, picture.width] };
    const path = smoothPath(sizes, {}, seed);
    sensor.restart(seed);
    for (const batch of simulateEvents({ picture, path, size, sensor, startUs: 0, endUs: windowUs })) {
      events += batch.length;
    }
  }
  return events;
}

/** Millions of events a second of this process's time on the processor, over passes of half a second together. */
function rate(view) {
  const before = process.cpuUsage();
  for (let events = 0; ; ) {
    events += pass(view);
    const { user, system } = process.cpuUsage(before);
    if (user + system > 5e5) return events / (user + system);
  }
}

const views = options.sizes.split(",").map((size) => viewOf(size.split("x").map(Number)));
for (const view of views) rate(view); // warms up
for (let round = 0; round < Number(options.rounds); round++) {
  for (const view of views) view.rates.push(rate(view));
}
console.log(
  `${cpus()[0].model}, Node ${process.version}, ${images.length} pictures, sensor ${options.sensor}`,
);
for (const view of views) {
  const { size, rates } = view;
  rates.sort((a, b) => a - b);
  const [median, best] = [rates[rates.length >> 1], rates.at(-1)];
  console.log(
    `${size.join("x")}: ${median.toFixed(2)} million events a second of processor (best ${best.toFixed(2)}); ${pass(view)} events in a pass`,
  );
}
