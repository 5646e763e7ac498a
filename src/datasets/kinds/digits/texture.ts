/** Generated backgrounds: dim colours with stripes of random directions and some grain. */
import type { Planes, Size } from "../../../images/index.js";
import { Draws } from "../../../random/index.js";

const stripes = 3;
const grain = 6;
/** Below the middle of the scale, so that light digits always stand out. */
const brightest = 140;

/** A background `[3, H, W]`, RGB, within 0 … 140; the same for the same seed. */
export function textureBackground([height, width]: Size, seed: number): Planes {
  const draws = new Draws(seed);
  const base = [0, 1, 2].map(() => draws.between(25, 95));
  const waves = Array.from({ length: stripes }, () => {
    const angle = draws.between(0, Math.PI);
    const cycles = (2 * Math.PI * draws.between(1, 7)) / Math.max(height, width);
    return {
      x: Math.cos(angle) * cycles,
      y: Math.sin(angle) * cycles,
      phase: draws.between(0, 2 * Math.PI),
      amplitude: [0, 1, 2].map(() => draws.between(-18, 18)),
    };
  });
  const data = new Float32Array(3 * height * width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const shade = grain * draws.normal();
      for (let c = 0; c < 3; c++) {
        let value = (base[c] as number) + shade;
        for (const wave of waves)
          value += (wave.amplitude[c] as number) * Math.sin(wave.x * x + wave.y * y + wave.phase);
        data[c * height * width + i] = Math.min(brightest, Math.max(0, value));
      }
    }
  }
  return { channels: 3, height, width, data };
}
