/** Run folders as a training leaves them, written line by line. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";

/** An epoch's line. */
export function epochLine(epoch: number, more: Readonly<Record<string, unknown>> = {}): string {
  const time = { seconds: 2, imagesPerSecond: 50, waitingShare: 0 };
  const rates = { "features.0": 0.5, "head.1": 0.25 };
  return `${JSON.stringify({
    ...{ kind: "epoch", epoch, loss: 1 / epoch, lr: 0.01, steps: 5, examples: 10 },
    ...{ rates, silentLayers: [], time, ...more },
  })}\n`;
}

/** An evaluation's line. */
export function evaluationLine(epoch: number, meanIoU: number): string {
  const time = { seconds: 1, imagesPerSecond: 50, waitingShare: 0 };
  return `${JSON.stringify({
    ...{ kind: "evaluation", epoch, split: "val", examples: 4, loss: 0.5, pixelAccuracy: 0.75, meanIoU },
    ...{ perClassIoU: [0.25, null], baselineMeanIoU: 0.125, rates: {}, silentLayers: [], time },
  })}\n`;
}

/** A run in a folder that is made. */
export class WrittenRun {
  readonly path: string;

  constructor(root: string, name: string, { created = "2026-01-01T00:00:00.000Z", epochs = 10 } = {}) {
    this.path = join(root, name);
    mkdirSync(join(this.path, "pictures"), { recursive: true });
    const options = {
      ...{ model: "snn", arch: "dl-vgg9", dataset: "digits", timesteps: 2, epochs, evalEvery: 2 },
      imgSize: [16, 32],
    };
    const record = {
      ...{ format: "snnseg-run", version: 2, created, preset: "quick", options },
      ...{ sources: { epochs: "flag" }, environment: { node: "v20" } },
    };
    writeFileSync(join(this.path, "config.json"), JSON.stringify(record));
  }

  /** Appends to the log, whole lines or not. */
  log(text: string): void {
    appendFileSync(join(this.path, "metrics.jsonl"), text);
  }

  /** Writes a file of the run. */
  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.path, name), content);
  }

  /** Writes a picture of one grey. */
  picture(name: string, grey: number): void {
    const data = new Uint8Array(48).fill(grey);
    this.write(`pictures/${name}.png`, encode({ width: 4, height: 4, channels: 3, depth: 8, data }));
  }
}
