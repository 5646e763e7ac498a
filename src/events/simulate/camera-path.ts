/** How the view of a simulated camera moves over a picture. */
import { checkNumber } from "../../checks/index.js";
import { Draws } from "../../random/index.js";

/**
 * A projective map of pixel coordinates, centres at integers, as the rows of its matrix:
 *
 *     u = (a·x + b·y + c)/w,  v = (d·x + e·y + f)/w,  w = g·x + h·y + i
 */
export type Homography = readonly [
  ...[a: number, b: number, c: number],
  ...[d: number, e: number, f: number],
  ...[g: number, h: number, i: number],
];

/** Where pixels of the sensor look in the picture. @param timestampUs - when, in microseconds */
export type CameraPath = (timestampUs: number) => Homography;

/** How far and how fast a view moves; all 0 or more. */
export interface CameraMotion {
  /** Largest shift, as a share of the sensor's width (default 0.1). */
  readonly shift?: number;
  /** Largest turn, in degrees (default 4). */
  readonly turn?: number;
  /** Largest change of scale, as a share, below 1 (default 0.08). */
  readonly zoom?: number;
  /** Largest tilt: how much scale changes over the sensor's width, as a share, below 1 (default 0.05). */
  readonly tilt?: number;
  /** Of the fastest swing, a second, above 0 (default 1.5). */
  readonly hz?: number;
}

/** Swings of one quantity. */
const swings = 3;

/**
 * A smooth random path: every quantity of the motion is a sum of three swings, of frequencies from a fifth of `hz` to `hz`, that reaches
 * its largest value at most. The view covers as much of the picture as stays inside it at rest and at the largest shift, with the
 * picture's aspect cut to the sensor's.
 *
 * @param sizes - of sensor and picture, in pixels
 * @param motion - how far and how fast
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @throws OptionError if a setting is out of its range
 */
export function smoothPath(
  {
    sensor,
    picture,
  }: {
    readonly sensor: readonly [height: number, width: number];
    readonly picture: readonly [height: number, width: number];
  },
  { shift = 0.1, turn = 4, zoom = 0.08, tilt = 0.05, hz = 1.5 }: CameraMotion,
  seed: number,
): CameraPath {
  for (const [name, value] of Object.entries({ shift, turn }))
    checkNumber("smoothPath", name, value, { least: 0 });
  for (const [name, value] of Object.entries({ zoom, tilt }))
    checkNumber("smoothPath", name, value, { least: 0, below: 1 });
  checkNumber("smoothPath", "hz", hz, { above: 0 });
  const draws = new Draws(seed);
  const quantity = (largest: number) => {
    const parts = Array.from({ length: swings }, () => ({
      speed: 2e-6 * Math.PI * hz * draws.between(0.2, 1),
      phase: draws.between(0, 2 * Math.PI),
    }));
    return (timestampUs: number) =>
      parts.reduce((sum, { speed, phase }) => sum + Math.sin(speed * timestampUs + phase), 0) *
      (largest / swings);
  };
  const [right, down] = [quantity(shift), quantity(shift)];
  const [angle, scale] = [quantity((turn * Math.PI) / 180), quantity(zoom)];
  const [tiltX, tiltY] = [quantity(tilt), quantity(tilt)];
  const [h, w] = sensor;
  const [H, W] = picture;
  // Pixels of the picture that the sensor's width spans.
  const span = Math.min(W, (H * w) / h) / (1 + 2 * shift);
  return (t) => {
    const zoomed = span * (1 + scale(t));
    const [cos, sin] = [zoomed * Math.cos(angle(t)), zoomed * Math.sin(angle(t))];
    const [p, q] = [tiltX(t), tiltY(t)];
    const [u0, v0] = [(W - 1) / 2 + span * right(t), (H - 1) / 2 + span * down(t)];
    // In units of the sensor's width from its centre: (u, v) = (u0, v0) + rotation·(x, y)/(1 + p·x + q·y).
    const [a, b, d, e] = [cos + u0 * p, -sin + u0 * q, sin + v0 * p, cos + v0 * q];
    const [cx, cy] = [(w - 1) / 2, (h - 1) / 2];
    const affine = (gx: number, gy: number, constant: number) =>
      [gx / w, gy / w, constant - (gx * cx + gy * cy) / w] as const;
    return [...affine(a, b, u0), ...affine(d, e, v0), ...affine(p, q, 1)];
  };
}

/**
 * How fast the fastest pixel's view moves, in pixels of the sensor a second: measured at the corners over a tenth of a millisecond.
 *
 * @param path - of the view
 * @param timestampUs - when
 * @param sensor - height and width
 */
export function speedOf(
  path: CameraPath,
  timestampUs: number,
  [height, width]: readonly [number, number],
): number {
  const spanUs = 100;
  const [before, after] = [path(timestampUs), path(timestampUs + spanUs)];
  const corners = [0, width - 1].flatMap((x) => [0, height - 1].map((y) => [x, y] as const));
  const fastest = Math.max(
    ...corners.map(([x, y]) => {
      const [[u, v], [u1, v1]] = [mapped(before, x, y), mapped(after, x, y)];
      return Math.hypot(u1 - u, v1 - v);
    }),
  );
  const [u, v] = mapped(before, 0, 0);
  const [u1, v1] = mapped(before, 1, 0);
  return (fastest / Math.hypot(u1 - u, v1 - v)) * (1e6 / spanUs);
}

/** Where a homography takes a point. */
export function mapped(
  [a, b, c, d, e, f, g, h, i]: Homography,
  x: number,
  y: number,
): [u: number, v: number] {
  const w = g * x + h * y + i;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}
