import { expect, it } from "vitest";
import { polarityImage } from "./polarity-image.js";

it("paints each pixel in the colour of its last event, opaque, and leaves out what lies outside", () => {
  const events = {
    timestampsUs: Float64Array.of(0, 1, 2, 3),
    x: Uint16Array.of(1, 1, 0, 2),
    y: Uint16Array.of(0, 0, 1, 0),
    polarity: Uint8Array.of(1, 0, 1, 1),
    length: 4,
  };
  const [ground, brighter, darker] = [[9, 9, 9] as const, [1, 2, 3] as const, [4, 5, 6] as const];
  const drawn = polarityImage(events, { height: 2, width: 2, ground, brighter, darker });
  expect([...drawn]).toEqual([9, 9, 9, 255, 4, 5, 6, 255, 1, 2, 3, 255, 9, 9, 9, 255]);
});
