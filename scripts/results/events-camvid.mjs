#!/usr/bin/env node
/**
 * Trains ANNs, spiking networks of LIF with batch norm through time and networks of integers on simulated events of CamVid, with 2 and 6 channels, on
 * one window and on six that follow each other, and leaves what events-page.mjs makes docs/results/events.md of.
 *
 *     scripts/results/events-camvid.mjs CAMVID [--out DIR] [--epochs N] [--seeds 0,1,2] [--recordings DIR] [--quick]
 *
 * What is in the output folder already is not done again, so an interrupted experiment goes on. `--recordings` names real recordings that the networks
 * are run on, for pictures. `--quick` only shows that everything runs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { camvidClasses, snnseg, stepsIn } from "./steps.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "runs/events-camvid" },
    epochs: { type: "string", default: "6" },
    seeds: { type: "string", default: "0,1,2" },
    recordings: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const [camvid] = positionals;
if (camvid === undefined)
  throw new Error("usage: events-camvid.mjs CAMVID [--out DIR] [--epochs N] [--seeds S,S]");
const { quick } = values;
const epochs = quick ? 2 : Number(values.epochs);
const seeds = values.seeds.split(",").map(Number);
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const classes = join(out, "classes.json");
writeFileSync(classes, JSON.stringify(camvidClasses));
const once = stepsIn(out);
const limits = quick ? ["--limit-batches", "2"] : [];

const timesteps = 6;
const windowUs = 50_000;
/** What networks see: one window, or as many as they have timesteps; an ANN and integers see these as one long window. */
const spans = {
  single: { snn: ["--encoding", "direct"], others: [] },
  history: { snn: ["--encoding", "sequence"], others: ["--window-us", String(timesteps * windowUs)] },
};
const channels = { 2: ["--representation", "counts"], 6: ["--representation", "ev-segnet"] };
const networks = {
  ann: ["--model", "ann"],
  snn: ["--timesteps", String(timesteps)],
  int: ["--neuron", "integer", "--levels", "4", "--timesteps", "1", "--spiking-from", "0.5"],
};
const noise = quick
  ? ["--noise", "event-drop=0.5", "--noise", "event-spurious=0.05"]
  : ["--noise", "event-drop=0.25,0.5,0.75", "--noise", "event-spurious=0.01,0.05,0.1"];

const common = [
  ...["--preset", "quick-paper", "--dataset", "simulated", "--root", resolve(camvid), "--classes", classes],
  ...["--img-size", quick ? "24x32" : "48x64", "--epochs", String(epochs), "--eval-every", quick ? "1" : "2"],
  ...["--schedule", "poly", "--precision", "fp32", "--pictures", "0", ...limits],
];

/** Throws what a step says went wrong. */
function done(name, work) {
  const result = once(name, work);
  if (result.error !== undefined) throw new Error(`${name} failed: ${result.error}; start again to go on`);
  return result;
}

let trained = 0;
for (const seed of seeds) {
  for (const span of Object.keys(spans)) {
    for (const count of Object.keys(channels)) {
      const runs = Object.entries(networks).map(([network, flags]) => {
        const name = `${network}-${count}-${span}-${seed}`;
        const seen = spans[span][network === "snn" ? "snn" : "others"];
        const words = [...common, ...flags, ...channels[count], ...seen, "--seed", String(seed)];
        done(name, (run) => snnseg("train", ...words, "--run", run));
        trained++;
        console.log(`${trained} of ${seeds.length * 12} networks trained`);
        return join(out, name);
      });
      const group = `${count}-${span}-${seed}`;
      done(`robustness-${group}`, () =>
        snnseg("robustness", ...runs, ...noise, "--seeds", "1", "--precision", "fast", ...limits),
      );
      done(`report-${group}`, (base) =>
        snnseg("report", ...runs, ...limits, "-o", `${base}.html`, "--data", `${base}.data.json`),
      );
      if (seed !== seeds[0]) continue;
      for (const run of runs.slice(1)) {
        const name = `energy-${run.slice(out.length + 1)}`;
        done(name, (base) => snnseg("energy", run, "--ann", runs[0], ...limits, "-o", `${base}.full.json`));
      }
      if (values.recordings === undefined || span !== "single") continue;
      for (const run of runs) {
        const name = `pictures-${run.slice(out.length + 1)}`;
        // A recording that cannot be read stops none of the others.
        once(name, (to) => snnseg("predict", run, resolve(values.recordings), "-o", to, "--overlay"));
      }
    }
  }
}
console.log(`done; scripts/results/events-page.mjs ${out} docs/results/events.md writes the page`);
