/** The classes of PASCAL VOC and their colours. */
import type { Rgb } from "../../../images/index.js";

/** The 21 classes of PASCAL VOC, in the order of their ids. */
export const vocClasses: readonly string[] = [
  ...["background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"],
  ...[
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
  ],
];

/**
 * The colour in which VOC's masks paint an id: bits 3k, 3k+1, 3k+2 of the id are bit 7−k of red, green, blue.
 *
 * @param id - 0 … 255; 255 gives the colour of void
 */
export function vocColor(id: number): Rgb {
  const channel = (c: number) => {
    let value = 0;
    for (let k = 0; 3 * k + c < 8; k++) value |= ((id >> (3 * k + c)) & 1) << (7 - k);
    return value;
  };
  return [channel(0), channel(1), channel(2)];
}
