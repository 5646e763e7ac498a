import { describe, expect, it } from "vitest";
import { uniform } from "../random/index.js";
import {
  blurPlanes,
  gaussianKernel,
  mirrored,
  type Planes,
  resizeLabels,
  resizeLabelsCrop,
  resizePicture,
  resizePictureCrop,
  resizePlanes,
} from "./index.js";

const FLOAT32_TOLERANCE = 1e-6;

function noisePlanes(channels: number, height: number, width: number): Planes {
  const data = Float32Array.from({ length: channels * height * width }, (_, i) => uniform(3, i));
  return { channels, height, width, data };
}

/** The definition in two plain steps, Gaussian and then interpolation, each over the whole plane. */
function plainResize(planes: Planes, [h, w]: readonly [number, number]): number[] {
  const { height, width, data } = planes;
  const along = (n: number, m: number, read: (i: number) => number, j: number): number => {
    const kernel = gaussianKernel(Math.max(0, (n / m - 1) / 2));
    const radius = (kernel.length - 1) / 2;
    const smooth = (i: number) =>
      kernel.reduce((sum, g, k) => sum + g * read(mirrored(mirrored(i, n) + k - radius, n)), 0);
    const position = ((j + 0.5) * n) / m - 0.5;
    const left = Math.floor(position);
    return smooth(left) * (left + 1 - position) + smooth(left + 1) * (position - left);
  };
  const out: number[] = [];
  for (let c = 0; c < planes.channels; c++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const row = (i: number) => along(width, w, (k) => data[(c * height + i) * width + k] as number, x);
        out.push(along(height, h, row, y));
      }
    }
  }
  return out;
}

describe("resizePlanes", () => {
  it.each([
    [
      [13, 17],
      [5, 6],
    ],
    [
      [7, 5],
      [16, 9],
    ],
    [
      [20, 6],
      [7, 11],
    ],
    [
      [1, 9],
      [3, 2],
    ],
    [
      [4, 4],
      [4, 4],
    ],
    [
      [40, 3],
      [2, 1],
    ],
  ] as const)("equals Gaussian then bilinear in plain loops, %j to %j", ([height, width], size) => {
    const planes = noisePlanes(2, height, width);
    const resized = resizePlanes(planes, size);
    const expected = plainResize(planes, size);
    expect(resized).toMatchObject({ channels: 2, height: size[0], width: size[1] });
    expected.forEach((value, i) => {
      expect(Math.abs((resized.data[i] as number) - value)).toBeLessThan(FLOAT32_TOLERANCE);
    });
  });

  it("leaves a map of the same size as it is and a constant one constant", () => {
    const planes = noisePlanes(1, 6, 8);
    expect(resizePlanes(planes, [6, 8]).data).toEqual(planes.data);
    const constant = { channels: 1, height: 30, width: 50, data: new Float32Array(1500).fill(7) };
    for (const value of resizePlanes(constant, [11, 70]).data) expect(value).toBeCloseTo(7, 5);
  });

  it("refuses empty sizes", () => {
    expect(() => resizePlanes(noisePlanes(1, 2, 2), [0, 4])).toThrow(/resizePlanes: expected sizes/);
  });
});

describe("resizePicture", () => {
  it("treats each channel of interleaved bytes as a plane", () => {
    const [height, width] = [9, 14];
    const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => Math.floor(uniform(1, i) * 256));
    const planes = new Float32Array(data.length);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) planes[c * height * width + i] = data[3 * i + c] as number;
    }
    const expected = resizePlanes({ channels: 3, height, width, data: planes }, [5, 20]);
    expect(resizePicture({ height, width, data }, [5, 20])).toEqual(expected);
  });
});

describe("resizeLabels", () => {
  it("takes floor((j + ½)·in/out) on each axis and never mixes ids", () => {
    const map = { height: 2, width: 3, data: Uint8Array.of(0, 1, 2, 3, 4, 255) };
    expect(Array.from(resizeLabels(map, [3, 2]).data)).toEqual([0, 2, 3, 255, 3, 255]);
    expect(Array.from(resizeLabels(map, [1, 1]).data)).toEqual([4]);
    expect(Array.from(resizeLabels(map, [2, 6]).data)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 255, 255]);
    expect(Array.from(resizeLabels(map, [3, 2], { pixel: "corner" }).data)).toEqual([0, 1, 0, 1, 3, 4]);
    const wide = { height: 1, width: 2, data: Uint16Array.of(300, 65535) };
    expect(resizeLabels(wide, [1, 4]).data).toEqual(Uint16Array.of(300, 300, 65535, 65535));
  });
});

describe("blurPlanes", () => {
  it("turns a point into the Gaussian kernel and keeps the sum", () => {
    const size = 21;
    const data = new Float32Array(size * size);
    data[10 * size + 10] = 1;
    const blurred = blurPlanes({ channels: 1, height: size, width: size, data }, 1.5).data;
    const kernel = gaussianKernel(1.5);
    expect(kernel).toHaveLength(13);
    expect(kernel[6]! / kernel[7]!).toBeCloseTo(Math.exp(1 / (2 * 1.5 ** 2)), 10);
    for (let k = -6; k <= 6; k++) {
      expect(blurred[10 * size + 10 + k]!).toBeCloseTo(kernel[6]! * kernel[6 + k]!, 7);
    }
    expect(blurred.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
  });
});

describe("resizePictureCrop and resizeLabelsCrop", () => {
  it.each([
    [5, 7],
    [31, 40],
  ])("give a part of what the whole resized to %dx%d is, to the bit", (...size) => {
    const [height, width] = [17, 23];
    const data = Uint8Array.from({ length: 3 * height * width }, (_, i) => (i * 7919) % 256);
    const picture = { height, width, data };
    const labels = { height, width, data: data.slice(0, height * width) };
    const crop = { top: 2, left: 1, height: 3, width: 5 };
    const whole = resizePicture(picture, size);
    const inCrop = (c: number, i: number) =>
      (c * size[0] + crop.top + Math.floor(i / crop.width)) * size[1] + crop.left + (i % crop.width);
    const pixels = Array.from({ length: 15 }, (_, i) => i);
    expect([...resizePictureCrop(picture, size, crop).data]).toEqual(
      [0, 1, 2].flatMap((c) => pixels.map((i) => whole.data[inCrop(c, i)])),
    );
    for (const pixel of ["centre", "corner"] as const) {
      const expected = resizeLabels(labels, size, { pixel });
      expect([...resizeLabelsCrop(labels, size, { crop, pixel }).data]).toEqual(
        pixels.map((i) => expected.data[inCrop(0, i)]),
      );
    }
  });
});
