/** Live pages of small networks with random weights, and what their readers drop on them. */
import { noGrad, rand, scope } from "../src/engine/index.js";
import { type ExportedMeta, type ExportedView, exportTargets, foldNetwork } from "../src/export/index.js";
import { encodePicturePng } from "../src/images/index.js";
import { createModel, type NamedArchitecture, type SnnSettings } from "../src/models/index.js";

const conv = (channels: number, dilation = 1) => ({ kind: "conv", channels, dilation }) as const;
const arch: NamedArchitecture = {
  ...{ name: "shallow", decoder: "output", classifier: [conv(16, 2)] },
  features: [conv(8), { kind: "pool", stride: 2 }, conv(16)],
};
export const size = [48, 64] as const;
export const classes = ["ground", "sky & sea", "<b>house</b>", "road"];
export const colors = [
  [0, 0, 0],
  [60, 120, 220],
  [200, 60, 50],
  [230, 200, 60],
] as const;

/** A picture of bands that move with `t`. */
export function bands(t: number, [height, width]: readonly [number, number] = size): Uint8Array {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < data.length; i++) {
    const [y, x] = [Math.floor(i / (3 * width)), Math.floor(i / 3) % width];
    data[i] = 128 + 127 * Math.sin((x + 2 * t + (i % 3) * 9) / 7) * Math.cos(y / 6);
  }
  return encodePicturePng({ height, width, data });
}

/** How a network of pictures is fed. */
const pictures: ExportedMeta["input"] = {
  ...{ kind: "picture", size, channels: 3, preprocessing: "imagenet", fit: "stretch" },
  scale: [0, 1, 2].map((source) => ({ source, subtract: 120, divide: 60 })),
};
const counts: ExportedMeta["input"] = {
  ...{ kind: "events", size, channels: 2 },
  ...{ representation: "counts", bins: 5, windowUs: 50_000, scaling: "channel" },
  shown: { sensor: [40, 60], labels: [20, 60] },
};

/** A network, what an export says of it, and how its page begins. */
export async function smallNetwork(sees: "pictures" | "events") {
  const input = sees === "pictures" ? pictures : counts;
  const settings: SnnSettings = {
    ...{ kind: "snn", arch, inputChannels: input.channels, numClasses: classes.length },
    ...{ timesteps: 3, threshold: 0.5, leak: 0.9 },
  };
  using model = createModel(settings, { seed: 4 });
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 4; n++) {
      scope("settle", () => void model.forward(rand([2, input.channels, ...size], n)));
    }
    model.setTraining(false);
  });
  const meta: ExportedMeta = {
    ...{ name: "Small <page> & co", classes, colors, input, encoding: "direct", timesteps: 3 },
    ...{ architecture: "shallow", snnseg: "0" },
  };
  const { config } = model;
  const example = { name: "bands", picture: bands(0) };
  const view = async (): Promise<ExportedView> => (sees === "pictures" ? { config, example } : { config });
  const options = { form: "folded", precision: "fp32", view } as const;
  return { network: foldNetwork(model), meta, options };
}

/** A page's HTML. */
export async function smallPage(sees: "pictures" | "events"): Promise<string> {
  const { network, meta, options } = await smallNetwork(sees);
  const { bytes } = await exportTargets.web.write(network, meta, options);
  return bytes as string;
}

/** A film of raw pictures (YUV4MPEG2), which Chromium plays as a webcam: bars that move, pale ones at its foot. */
export function film(frames: number, [height, width]: readonly [number, number] = [96, 128]): Buffer {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420jpeg\n`)];
  for (let t = 0; t < frames; t++) {
    const luma = Buffer.alloc(width * height);
    for (let i = 0; i < luma.length; i++) {
      const [y, x] = [Math.floor(i / width), i % width];
      const bright = (x + 5 * t) % 40 < 20 && y > 20;
      luma[i] = y > 0.75 * height ? (bright ? 135 : 120) : bright ? 220 : 40;
    }
    parts.push(Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128));
  }
  return Buffer.concat(parts);
}

/** A recording as text: an edge that moves through a small sensor in 0.4 seconds. */
export function movingEdge(): string {
  const lines: string[] = [];
  for (let t = 0; t < 400; t++) {
    for (let y = 8; y < 40; y += 4) {
      lines.push(`${(t / 1000).toFixed(6)} ${(t >> 3) + (y % 3)} ${y} ${t % 2}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
