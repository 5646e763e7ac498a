#!/usr/bin/env node
/**
 * Trains ANNs on CamVid, converts them by every method, and writes docs/results/conversion-camvid.md with its curves.
 *
 *     scripts/results/conversion-camvid.mjs CAMVID [--out DIR] [--epochs N] [--direct RUN] [--quick]
 *
 * What is in the output folder already is not done again, so an interrupted experiment goes on. `--direct` names a
 * directly trained spiking run to compare with instead of training one. `--quick` only shows that everything runs.
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { camvidClasses, repository, snnseg, stepsIn } from "./steps.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "runs/conversion-camvid" },
    epochs: { type: "string" },
    direct: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const [camvid] = positionals;
if (camvid === undefined) throw new Error("usage: conversion-camvid.mjs CAMVID [--out DIR] [--direct RUN]");
const { quick } = values;
const epochs = values.epochs ?? (quick ? "1" : "30");
const directEpochs = quick ? "1" : "15";
const last = quick ? 16 : 256;
const lengths = quick ? [4, 16] : [4, 16, 64, 256];
const size = "24x32";
const limits = quick ? ["--limit-batches", "2"] : [];
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

const classes = join(out, "classes.json");
writeFileSync(classes, JSON.stringify(camvidClasses));

/** A search that finds a silent layer is a result. */
const isSilence = (error) => error.includes("find thresholds");
const once = stepsIn(out, isSilence);

const data = ["--dataset", "folder", "--root", resolve(camvid), "--classes", classes, "--img-size", size];
const optimizer = [
  "--optimizer",
  "adam",
  "--lr",
  "1e-3",
  "--weight-decay",
  "0",
  "--batch-size",
  "8",
  "--eval-every",
  "5",
];
const train = (name, ...args) =>
  once(`train-${name}`, (run) =>
    snnseg("train", ...data, ...optimizer, ...limits, "--pictures", "0", ...args, "--run", run),
  );

const ann = train("ann", "--model", "ann", "--epochs", epochs);
const qcfs = train("qcfs", "--model", "ann", "--activation-levels", "8", "--epochs", epochs);
const direct =
  values.direct === undefined
    ? train(
        "direct",
        ...["--model", "snn", "--timesteps", "8", "--encoding", "direct", "--epochs", directEpochs],
      )
    : { run: resolve(values.direct) };
for (const [name, { error }] of Object.entries({ ann, qcfs, direct })) {
  if (error !== undefined) throw new Error(`training of ${name} failed: ${error}`);
}

const batches = ["--batches", quick ? "1" : "8"];
const convert = (name, from, ...args) =>
  once(name, (run) =>
    snnseg("convert", from.run, ...batches, ...limits, "--pictures", "0", ...args, "--run", run),
  );

// One conversion for each length: thresholds and biases are chosen for it.
const methods = [
  ["paper, per layer", ann, "--method", "paper"],
  ["paper, per channel", ann, "--method", "paper", "--thresholds", "channel"],
  ["paper, batch norm ignored", ann, "--method", "paper", "--ignore-batch-norm"],
  ["percentile", ann, "--method", "percentile"],
  ["initial membrane", ann, "--method", "initial"],
  ["calibrated", ann, "--method", "calibrate"],
  ["QCFS", qcfs, "--method", "qcfs"],
];
const table = methods.map(([title, from, ...flags]) => ({
  title,
  results: lengths.map((timesteps) =>
    // What ignoring batch norm costs shows long before the last length.
    title === "paper, batch norm ignored" && timesteps > 64
      ? { error: "not run" }
      : convert(
          `${title.replaceAll(/\W+/g, "-")}-${timesteps}`,
          from,
          ...flags,
          "--timesteps",
          String(timesteps),
        ),
  ),
}));
const compare = ["--direct", direct.run, "--curve-to", String(last), "--timesteps", "4"];
const curve = convert(
  "curve-ann",
  ann,
  ...compare,
  "--method",
  "calibrate",
  "--curve",
  "paper,initial,calibrate",
);
const curveQcfs = convert("curve-qcfs", qcfs, ...compare, "--method", "qcfs", "--curve", "initial,qcfs");
const tuned = once("train-tuned", (run) =>
  snnseg(
    ...["train", "--init-from", join(out, "calibrated-4"), "--timesteps", "4", "--lr", "1e-4"],
    ...["--optimizer", "adam", "--weight-decay", "0", "--batch-size", "8", "--eval-batch-size", "32"],
    ...["--epochs", quick ? "1" : "5", "--eval-every", "1", "--pictures", "0", ...limits, "--run", run],
  ),
);

const docs = quick ? out : join(repository, "docs/results");
mkdirSync(docs, { recursive: true });
for (const [name, { error }] of Object.entries({ "curve-ann": curve, "curve-qcfs": curveQcfs })) {
  if (error === undefined) {
    copyFileSync(join(out, name, "pictures/latency.png"), join(docs, `conversion-camvid-${name}.png`));
  }
}
const points = (result) => {
  if (result.error === undefined) return (100 * result.meanIoU).toFixed(2);
  if (result.error === "not run") return "";
  return isSilence(result.error) ? "none (1)" : "failed";
};
const annLine = (of) => (100 * of).toFixed(2);
const annMeanIoU = table[0].results.find(({ error }) => error === undefined)?.annMeanIoU ?? ann.meanIoU;
const qcfsMeanIoU = table.at(-1).results.find(({ error }) => error === undefined)?.annMeanIoU ?? qcfs.meanIoU;
const layers = table.find(({ title }) => title === "calibrated").results.at(-1).layers ?? [];
const total = [...table.flatMap(({ results }) => results), ann, qcfs, direct, curve, curveQcfs, tuned];
const text = `# Conversion on CamVid

DeepLab-VGG9 at ${size}, 367 images for training, 101 for scoring; mean IoU in points. Thresholds from ${quick ? 1 : 8} batches of 8 images.
Made by \`scripts/results/conversion-camvid.mjs\`${quick ? " --quick: these numbers only show that it runs" : ""}; ${Math.round(total.reduce((sum, { minutes = 0 }) => sum + minutes, 0))} minutes.

| network | ${lengths.map((t) => `T = ${t}`).join(" | ")} |
|---|${lengths.map(() => "---:|").join("")}
| ANN, ReLU, ${epochs} epochs | ${lengths.map(() => annLine(annMeanIoU)).join(" | ")} |
${table
  .slice(0, -1)
  .map(({ title, results }) => `| ${title} | ${results.map(points).join(" | ")} |`)
  .join("\n")}
| ANN, quantised ReLU of 8 levels, ${epochs} epochs | ${lengths.map(() => annLine(qcfsMeanIoU)).join(" | ")} |
| QCFS | ${table.at(-1).results.map(points).join(" | ")} |

Trained with spikes: directly ${direct.meanIoU === undefined ? `(run ${values.direct})` : `${points(direct)} at T = 8 after ${directEpochs} epochs`}; the network calibrated for T = 4, fine-tuned for
${quick ? 1 : 5} epochs (\`train --init-from\`): ${points(tuned)} at T = 4.

(1) The paper's search found a layer that no spike reaches in so few timesteps.

![Mean IoU over timesteps](conversion-camvid-curve-ann.png)

The curve converts once, for T = ${last}, and reads the answer on the way; the table converts for each T. Below the same for
the ANN with quantised ReLU.

![Mean IoU over timesteps, quantised ReLU](conversion-camvid-curve-qcfs.png)

## Layers of the calibrated network, T = ${lengths.at(-1)}

| layer | 99.9 % of activations below | largest | threshold | clipped | rate asked for | spike rate |
|---|---:|---:|---:|---:|---:|---:|
${layers
  .map(
    ({ name, activation, threshold, clipped, expectedRate, spikeRate }) =>
      `| ${name} | ${activation.p999.toFixed(2)} | ${activation.max.toFixed(2)} | ${threshold.mean.toFixed(2)} | ${(100 * clipped).toFixed(2)} % | ${expectedRate.toFixed(4)} | ${spikeRate.toFixed(4)} |`,
  )
  .join("\n")}
`;
const target = join(docs, "conversion-camvid.md");
writeFileSync(target, text);
console.log(`wrote ${target}`);
