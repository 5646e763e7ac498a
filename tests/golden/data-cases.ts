/** Golden cases `scores`, `voc-transform` and `ddd17-transform`. */
import { ddd17Transform, vocTransform } from "../../src/datasets/index.js";
import { resizeLabels, type Size } from "../../src/images/index.js";
import { ConfusionMatrix, scoresOf } from "../../src/metrics/index.js";
import { Comparison, tolerances } from "./comparison.js";
import { golden } from "./formula.js";
import type { Ddd17Case, GoldenTensor, LoadedCase, ScoresCase, VocCase } from "./golden-case.js";

/** Confusion matrix and scores of given labels and predictions. */
export function checkScoresCase(content: ScoresCase, loaded: LoadedCase): Comparison {
  const comparison = new Comparison();
  const matrix = new ConfusionMatrix(content.config.classes);
  matrix.add(Uint8Array.from(loaded.data(content.labels)), Uint8Array.from(loaded.data(content.predictions)));
  const confusion = loaded.data(content.confusion);
  comparison.equal("confusion matrix", Array.from(matrix.counts, Number), confusion);
  const scores = scoresOf(matrix);
  const check = (name: string, ours: number, theirs: number) =>
    comparison.within(name, [ours], [theirs], tolerances.scores, 1);
  check("overall accuracy", scores.pixelAccuracy, content.overall_accuracy);
  check("mean accuracy", scores.meanAccuracy, content.mean_accuracy);
  check("frequency-weighted IoU", scores.frequencyWeightedIoU, content.frequency_weighted_accuracy);
  check("mean IoU", scores.meanIoU, content.mean_iou);
  for (const [k, theirs] of content.iou_per_class.entries()) {
    const ours = scores.perClassIoU[k] ?? null;
    if (ours !== null && theirs !== null) check(`IoU of class ${k}`, ours, theirs);
    else if (ours !== theirs)
      comparison.failures.push(`IoU of class ${k}: expected ${theirs}, received ${ours}`);
  }
  return comparison;
}

/** The reference's preparation of a VOC image and its labels, for both void rules. */
export function checkVocCase(content: VocCase, loaded: LoadedCase): Comparison {
  const comparison = new Comparison();
  const [height, width] = content.config.size;
  const { seed } = content.config;
  const image = { height, width, data: bytes(height * width * 3, (i) => Math.floor(golden(i, seed) * 256)) };
  const label = (i: number) => (golden(i, seed + 2) < 0.1 ? 255 : Math.floor(golden(i, seed + 1) * 21));
  const labels = { height, width, data: bytes(height * width, label) };
  const size = sizeOf(content.image);
  const ours = vocTransform(image, labels, { size, void: "ignore" });
  comparison.within("image", ours.image, loaded.data(content.image), tolerances.vocImage, 1);
  for (const [split, rule] of [
    ["train_aug", "background"],
    ["val", "ignore"],
  ] as const) {
    // The reference swaps height and width of label maps; its maps are compared at the size it made them.
    const expected = content[split].labels;
    const made = vocTransform(image, labels, { size: sizeOf(expected), void: rule });
    comparison.equal(`${split} labels`, made.label, loaded.data(expected));
  }
  return comparison;
}

/** Event frames: resized, scaled per channel (ours) and per image column (the reference's), labels. */
export function checkDdd17Case(content: Ddd17Case, loaded: LoadedCase): Comparison {
  const comparison = new Comparison();
  const [height, width] = content.config.size;
  const { seed } = content.config;
  const channels = 6;
  const silentFrom = Math.floor(width / 2);
  const silentTo = silentFrom + Math.floor(width / 8);
  const events = Float32Array.from({ length: height * width * channels }, (_, i) => {
    const column = Math.floor(i / channels) % width;
    const silent = i % channels === 0 && column >= silentFrom && column < silentTo;
    return !silent && golden(i, seed + 1) < 0.2 ? Math.floor(golden(i, seed) * 5) : 0;
  });
  const frame = { height, width, channels, data: events };
  const labels = { height, width, data: bytes(height * width, (i) => Math.floor(golden(i, seed + 2) * 6)) };
  const size = sizeOf(content.resized);
  const prepare = (scaling: "channel" | "column") =>
    ddd17Transform(frame, labels, { size, channels: 2, scaling, labelPixel: "corner" });
  const check = (what: string, ours: Float32Array, theirs: GoldenTensor) =>
    comparison.within(what, ours, loaded.data(theirs), tolerances.ddd17Image, 1);
  const perChannel = prepare("channel");
  check("resized", perChannel.resized, content.resized);
  check("scaled per channel", perChannel.image, content.image_per_channel);
  check("scaled per column", prepare("column").image, content.image_per_column);
  const label = resizeLabels(labels, sizeOf(content.labels), { pixel: "corner" });
  comparison.equal("labels", label.data, loaded.data(content.labels));
  return comparison;
}

function sizeOf(tensor: GoldenTensor): Size {
  const [height = 0, width = 0] = tensor.shape.slice(-2);
  return [height, width];
}

function bytes(count: number, value: (i: number) => number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => value(i));
}
