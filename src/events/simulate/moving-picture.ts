/** A picture and its labels as a moving camera sees them. */
import { ShapeError } from "../../errors.js";
import { type CameraPath, mapped } from "./camera-path.js";

/** What a camera looks at. */
export interface StillPicture {
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
  /** Log intensity, `[height, width]`, of `logLuma`. */
  readonly levels: Float32Array;
  /** Class of each pixel, `[height, width]`, where it has labels. */
  readonly labels?: Uint8Array | undefined;
}

/** The nearest index from 0 to `last`. */
const within = (index: number, last: number) => Math.min(Math.max(index, 0), last);

/** A still picture under a moving view. */
export class MovingPicture {
  readonly #picture: StillPicture;
  readonly #path: CameraPath;
  readonly #size: readonly [height: number, width: number];

  /**
   * @param picture - kept, not changed
   * @param path - where the sensor's pixels look
   * @param size - height and width of the sensor
   * @throws ShapeError if levels or labels are not of the picture's size
   */
  constructor(picture: StillPicture, path: CameraPath, size: readonly [height: number, width: number]) {
    const { height, width, levels, labels = levels } = picture;
    if (levels.length !== height * width || labels.length !== height * width) {
      throw new ShapeError(
        `MovingPicture: expected ${height * width} levels and labels of ${height}x${width} pixels, received ${levels.length} and ${labels.length}`,
      );
    }
    this.#picture = picture;
    this.#path = path;
    this.#size = size;
  }

  /**
   * Log intensity that the sensor sees: bilinear, the border's beyond it.
   *
   * @param timestampUs - when
   * @param seen - `[h, w]` of the sensor; written
   */
  see(timestampUs: number, seen: Float32Array): void {
    const [a, b, c, d, e, f, g, h, i] = this.#path(timestampUs);
    const { levels, width: W, height: H } = this.#picture;
    const [rows, columns] = this.#size;
    const [lastColumn, lastRow] = [W - 1, H - 1];
    let n = 0;
    for (let y = 0; y < rows; y++) {
      const [u0, v0, w0] = [b * y + c, e * y + f, h * y + i];
      for (let x = 0; x < columns; x++) {
        const scale = 1 / (g * x + w0);
        const u = (a * x + u0) * scale;
        const v = (d * x + v0) * scale;
        const left = Math.floor(u) | 0; // an integer to the compiler, so that indices are
        const top = Math.floor(v) | 0;
        const across = u - left;
        const down = v - top;
        let at = top * W + left;
        let right = at + 1;
        let below = at + W;
        let opposite = below + 1;
        if (left < 0 || top < 0 || left >= lastColumn || top >= lastRow) {
          const [x0, x1] = [within(left, lastColumn), within(left + 1, lastColumn)];
          const [y0, y1] = [within(top, lastRow) * W, within(top + 1, lastRow) * W];
          [at, right, below, opposite] = [y0 + x0, y0 + x1, y1 + x0, y1 + x1];
        }
        const upper = levels[at]! + across * (levels[right]! - levels[at]!);
        const lower = levels[below]! + across * (levels[opposite]! - levels[below]!);
        seen[n++] = upper + down * (lower - upper);
      }
    }
  }

  /**
   * Labels that the sensor sees: of the nearest pixel, `outside` beyond the border or where the picture has none.
   *
   * @param timestampUs - when
   * @param outside - such as 255, void
   * @returns `[h, w]`
   */
  labelsAt(timestampUs: number, outside: number): Uint8Array {
    const homography = this.#path(timestampUs);
    const { labels, width: W, height: H } = this.#picture;
    const [rows, columns] = this.#size;
    return Uint8Array.from({ length: rows * columns }, (_, n) => {
      const y = Math.floor(n / columns);
      const x = n - y * columns;
      const [u, v] = mapped(homography, x, y).map(Math.round) as [number, number];
      return u >= 0 && v >= 0 && u < W && v < H ? (labels?.[v * W + u] ?? outside) : outside;
    });
  }
}
