/** Golden cases `scores` and `voc-transform`. */
import { vocTransform } from "../datasets/index.js";
import type { Size } from "../images/index.js";
import { ConfusionMatrix, scoresOf } from "../metrics/index.js";
import { Comparison, tolerances } from "./comparison.js";
import { golden } from "./formula.js";
import type { GoldenTensor, LoadedCase, ScoresCase, VocCase } from "./golden-case.js";

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

function sizeOf(tensor: GoldenTensor): Size {
  const [height = 0, width = 0] = tensor.shape.slice(-2);
  return [height, width];
}

function bytes(count: number, value: (i: number) => number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => value(i));
}
