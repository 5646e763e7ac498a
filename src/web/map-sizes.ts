/** Heights and widths of a network's maps. */
import { ShapeError } from "../errors.js";
import type { ConvStep, WebStep } from "./model.js";

/** In pixels. */
export type MapSize = readonly [height: number, width: number];

/**
 * By map.
 *
 * @param input - of the network's input
 * @throws ShapeError if maps that are joined differ
 */
export function mapSizes(steps: readonly WebStep[], input: MapSize): MapSize[] {
  const sizes: MapSize[] = [input];
  for (const step of steps) sizes[step.to] = sizeAfter(step, sizes);
  return sizes;
}

function sizeAfter(step: WebStep, sizes: readonly MapSize[]): MapSize {
  const [height, width] = sizes[step.from]!;
  switch (step.kind) {
    case "conv":
      return [convolvedSize(step, height), convolvedSize(step, width)];
    case "pool":
      return [Math.ceil(height / step.stride), Math.ceil(width / step.stride)];
    case "resize":
      return sizes[step.like]!;
    case "spread":
      return [2 * height - 1, 2 * width - 1];
    case "add":
    case "concat": {
      const other = sizes[step.other]!;
      if (other.join() === sizes[step.from]!.join()) return [height, width];
      throw new ShapeError(
        `begin: expected a size at which maps that are joined are equal, received one that makes them ${height}x${width} and ${other.join("x")}; take the size of training`,
      );
    }
    default:
      return [height, width];
  }
}

/** Height or width behind a convolution. @param size - before it */
export function convolvedSize(
  { kernelSize, stride, dilation, padding }: Pick<ConvStep, "kernelSize" | "stride" | "dilation" | "padding">,
  size: number,
): number {
  return Math.floor((size + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1;
}
