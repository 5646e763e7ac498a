/**
 * The networks as tables: what the paper's code calls dl-vgg9, dl-vgg11, dl-vgg16 and fcn-vgg9, a U-Net, and a small network for CPUs.
 * Kim, Chough & Panda 2022, arXiv:2110.07742; DeepLab: Chen et al. 2017, arXiv:1606.00915; FCN: Long et al. 2015,
 * arXiv:1411.4038.
 */
import type { Architecture, ArchitectureStage, NamedArchitecture } from "./architecture.js";

type ConvStage = Extract<ArchitectureStage, { kind: "conv" }>;

const conv = (channels: number, dilation = 1): ConvStage => ({ kind: "conv", channels, dilation });
const pointwise = (channels: number): ConvStage => ({ kind: "conv", channels, kernelSize: 1 });
const pool = (stride: number): ArchitectureStage => ({ kind: "pool", stride });
const skip: ArchitectureStage = { kind: "skip" };
const fire: ArchitectureStage = { kind: "fire" };
const keep = (name: string): ArchitectureStage => ({ kind: "keep", name });
const add = (name: string): ArchitectureStage => ({ kind: "join", name, by: "sum" });
/** Halves the size. */
const down = (channels: number): ConvStage => ({ kind: "conv", channels, stride: 2 });
/** A convolution without its activation. */
const currents = (stage: ConvStage): ConvStage => ({ ...stage, fires: false });
const project = (channels: number): ConvStage => currents(pointwise(channels));

type Stages = readonly ArchitectureStage[];
const deepLab = (features: Stages, classifier: Stages, alignCorners = true): Architecture => ({
  ...{ decoder: "output", features, classifier, alignCorners },
});
const fcn = (features: Stages, classifier: Stages): Architecture => ({
  ...{ decoder: "skips", features, classifier },
});

/**
 * The way up of a U-Net to the map that was kept as `level`: currents are resized and fire; their spikes lie beside those that
 * were kept, so that the convolutions behind read spikes only.
 */
const up = (level: string, channels: number): Stages => [
  ...[project(channels), { kind: "join", name: level, by: "size" } as const, fire],
  ...[{ kind: "join", name: level } as const, conv(channels), conv(channels)],
];

/**
 * A depthwise block with a membrane shortcut: `v ← v + W₂·s(W₁ * s(v))`, where W₁ is a dilated depthwise convolution 3x3,
 * W₂ a 1x1 convolution, and s fires. Sums are real-valued, convolutions read spikes (Hu et al. 2021, arXiv:2112.08954).
 */
const block = (name: string, channels: number, dilation: number): Stages => [
  ...[keep(name), fire, { ...conv(channels, dilation), depthwise: true }, project(channels), add(name)],
];
const blocks = (name: string, channels: number, dilations: readonly number[]): Stages =>
  dilations.flatMap((dilation, index) => block(`${name}.${index}`, channels, dilation));

/** The tables by name. Sizes are of the map that is classified, as a share of the image's. */
export const architectures = {
  /** DeepLab of 9 convolutions, size 1/4. */
  "dl-vgg9": deepLab(
    [
      ...[conv(64), conv(64), pool(2), conv(128), conv(128), pool(2)],
      ...[conv(256), conv(256, 2), conv(256, 2)],
    ],
    [conv(1024, 12)],
  ),
  /** DeepLab of 11 convolutions, size 1/8. */
  "dl-vgg11": deepLab(
    [
      ...[conv(64), pool(2), conv(128), pool(2), conv(256), conv(256), pool(2)],
      ...[conv(512), conv(512), pool(1), conv(512, 2), conv(512, 2)],
    ],
    [conv(1024, 12), pointwise(1024)],
  ),
  /** DeepLab of 16 convolutions, size 1/8. */
  "dl-vgg16": deepLab(
    [
      ...[conv(64), conv(64), pool(2), conv(128), conv(128), pool(2)],
      ...[conv(256), conv(256), conv(256), pool(2), conv(512), conv(512), conv(512), pool(1)],
      ...[conv(512, 2), conv(512, 2), conv(512, 2)],
    ],
    [conv(1024, 12), pointwise(1024)],
  ),
  /** FCN of 9 convolutions, whose scores of size 1/8 go up by three skips to size 1. */
  "fcn-vgg9": fcn(
    [
      ...[conv(64), conv(64), skip, pool(2), conv(128), conv(128), skip, pool(2)],
      ...[conv(256), conv(256), conv(256), skip, pool(2)],
    ],
    [conv(1024), conv(1024), skip],
  ),
  /**
   * U-Net of 3x3 convolutions on four sizes, 1 to 1/8, with strides for its poolings.
   * Ronneberger et al. 2015, arXiv:1505.04597.
   */
  unet: deepLab(
    [
      ...[conv(32), conv(32), keep("whole"), down(64), conv(64), keep("half")],
      ...[down(128), conv(128), keep("quarter"), down(256), conv(256)],
      ...[...up("quarter", 128), ...up("half", 64), ...up("whole", 32)],
    ],
    [],
  ),
  /**
   * A small network for CPUs: blocks of dilated depthwise convolutions at 1/4, 1/8 and 1/16 of the size; on the way back the
   * currents of each size are resized and added to those before it. Dilations as in DABNet (Li & Kim 2019, arXiv:1907.11357),
   * shortcuts as in MS-ResNet, sums of resolutions as in feature pyramids (Lin et al. 2017, arXiv:1612.03144).
   */
  dwnet: deepLab(
    [
      ...[down(32), currents(down(64)), ...blocks("quarter", 64, [2, 2]), keep("quarter")],
      ...[fire, currents(down(128)), ...blocks("eighth", 128, [2, 2, 4, 4, 8]), keep("eighth")],
      ...[fire, currents(down(256)), ...blocks("sixteenth", 256, [2, 4, 8])],
      ...[
        fire,
        project(128),
        add("eighth"),
        fire,
        project(64),
        add("quarter"),
        ...blocks("whole", 64, [1]),
        fire,
      ],
    ],
    [],
    false,
  ),
} as const;

/** The name of one of {@link architectures}. */
export type ArchitectureName = keyof typeof architectures;

/** All of them, as `--arch` offers them. */
export const architectureNames = Object.keys(architectures) as ArchitectureName[];

/** The table behind a config's `arch`. */
export function architectureOf(arch: ArchitectureName | NamedArchitecture): Architecture {
  return typeof arch === "string" ? architectures[arch] : arch;
}

/** What a config's `arch` is called. @param arch - a name, which is returned, or a table with one */
export function architectureName(arch: ArchitectureName | NamedArchitecture): string {
  return typeof arch === "string" ? arch : arch.name;
}
