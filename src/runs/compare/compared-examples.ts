/** The pictures of the report: examples that all runs do well or badly on, and some in between. */
import type { SegmentationDataset } from "../../datasets/index.js";
import { encodePicturePng, type RgbImage, resizeImage, resizeLabels, type Size } from "../../images/index.js";
import {
  type ComparedExample,
  dataUri,
  hexOf,
  labelImage,
  legendOf,
  viewedImage,
} from "../../report/index.js";

/** One run's predictions for every example it saw, and how good they were. */
export interface ExamplePredictions {
  /** Height and width of the run's input. */
  readonly size: Size;
  /** `[H, W]` class ids. */
  readonly predictions: readonly Uint8Array[];
  readonly scores: readonly number[];
}

/** Larger pictures are shown smaller, so that a page of them can be sent by mail. */
const longestSide = 256;

/** Chooses `count` examples and paints them. */
export async function comparedExamples(
  dataset: SegmentationDataset,
  { runs, count }: { readonly runs: readonly ExamplePredictions[]; readonly count: number },
): Promise<{ examples: ComparedExample[]; legend: { name: string; color: string }[] }> {
  const { colors, classes } = dataset;
  const examples: ComparedExample[] = [];
  const shown: Uint8Array[] = [];
  for (const { index, why } of choose(runs, count)) {
    const viewed = await dataset.view(index);
    const size = shownSize(viewed.size);
    const paint = (labels: Uint8Array, [height, width]: Size) => {
      shown.push(labels);
      const { data } = resizeLabels({ height, width, data: labels }, size);
      return pngUri(labelImage(data, { size, colors }));
    };
    examples.push({
      id: viewed.id,
      why,
      input: pngUri(resizeImage(viewedImage(viewed), size)),
      truth: paint(viewed.label, viewed.size),
      predictions: runs.map((run) => paint(run.predictions[index]!, run.size)),
      scores: runs.map(({ scores }) => scores[index]!),
    });
  }
  const legend = legendOf(shown, { names: classes, colors });
  return { examples, legend: legend.map(({ name, color }) => ({ name, color: hexOf(color) })) };
}

function shownSize([height, width]: Size): Size {
  const scale = Math.min(1, longestSide / Math.max(height, width));
  return [Math.max(1, Math.round(scale * height)), Math.max(1, Math.round(scale * width))];
}

/** Thirds: the best and the worst by the runs' mean score, and examples spread over the rest. */
function choose(runs: readonly ExamplePredictions[], count: number): { index: number; why: string }[] {
  const length = Math.min(...runs.map(({ scores }) => scores.length));
  const mean = (index: number) => runs.reduce((sum, { scores }) => sum + scores[index]!, 0) / runs.length;
  const ranked = Array.from({ length }, (_, index) => index).sort((a, b) => mean(b) - mean(a));
  if (length <= count) return ranked.map((index) => ({ index, why: "" }));
  const third = Math.floor(count / 3);
  const between = count - 2 * third;
  const rest = ranked.slice(third, length - third);
  return [
    ...ranked.slice(0, third).map((index) => ({ index, why: "best" })),
    ...Array.from({ length: between }, (_, i) => ({
      index: rest[Math.floor(((i + 0.5) * rest.length) / between)]!,
      why: "",
    })),
    ...ranked.slice(length - third).map((index) => ({ index, why: "worst" })),
  ];
}

function pngUri(image: RgbImage): string {
  return dataUri(encodePicturePng(image), "image/png");
}
