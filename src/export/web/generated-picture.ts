/** A picture for pages whose run's data are not here: sky, hills, a road and a house in plain colours. */
import { encodePicturePng, type Rgb, type Size } from "../../images/index.js";

/** @param size - height and width in pixels; the scene is stretched to it */
export function generatedPicture([height, width]: Size): Uint8Array {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) data.set(colorAt((x + 0.5) / width, (y + 0.5) / height), i);
  }
  return encodePicturePng({ height, width, data });
}

/** Of the point at these shares of width and height. */
function colorAt(x: number, y: number): Rgb {
  const inBox = (left: number, top: number, right: number, bottom: number) =>
    x >= left && x < right && y >= top && y < bottom;
  if (Math.hypot((x - 0.82) * 1.3, y - 0.18) < 0.08) return [255, 236, 170];
  if (inBox(0.2, 0.42, 0.24, 0.54) || inBox(0.3, 0.42, 0.34, 0.54)) return [70, 80, 96];
  if (inBox(0.14, 0.36, 0.4, 0.66)) return [178, 132, 104];
  if (y > 0.22 && y < 0.36 && Math.abs(x - 0.27) < (y - 0.22) * 1.3) return [128, 62, 54];
  const horizon = 0.58 + 0.05 * Math.sin(7 * x) + 0.02 * Math.sin(17 * x);
  if (y < horizon) return [110 + 110 * y, 160 + 70 * y, 225];
  const middle = 0.62 - 0.08 * y;
  if (y > 0.66 && Math.abs(x - middle) < 0.55 * (y - 0.6)) return [98, 98, 104];
  return [84, 132 - 40 * (y - 0.5), 66];
}
