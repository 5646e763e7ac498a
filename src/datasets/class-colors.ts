/** Class names and colours. */
import type { Rgb } from "../images/index.js";

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

/** The colour in which VOC's masks paint an id: bits 3k, 3k+1, 3k+2 of the id are bit 7−k of red, green, blue. */
export function vocColor(id: number): Rgb {
  const channel = (c: number) => {
    let value = 0;
    for (let k = 0; 3 * k + c < 8; k++) value |= ((id >> (3 * k + c)) & 1) << (7 - k);
    return value;
  };
  return [channel(0), channel(1), channel(2)];
}

/** The six classes of DDD17's labels. */
export const ddd17Classes: readonly string[] = [
  "flat",
  "sky+construction",
  "object",
  "nature",
  "human",
  "vehicle",
];

/** Colours for {@link ddd17Classes}, near those that street-scene data sets use. */
export const ddd17Colors: readonly Rgb[] = [
  [128, 64, 128],
  [70, 130, 180],
  [220, 220, 0],
  [107, 142, 35],
  [220, 20, 60],
  [0, 0, 142],
];

const goldenAngle = 137.508;

/**
 * `count` colours that stay apart: hues a golden angle from one to the next, at three levels of lightness.
 */
export function distinctColors(count: number): readonly Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const hue = (i * goldenAngle) % 360;
    return hslColor(hue, 0.65, [0.5, 0.35, 0.7][i % 3] as number);
  });
}

/** HSL to RGB bytes; hue in degrees, saturation and lightness in [0, 1]. */
function hslColor(hue: number, saturation: number, lightness: number): Rgb {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
