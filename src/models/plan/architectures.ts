/**
 * The networks as tables: what the paper's code calls dl-vgg9, dl-vgg11, dl-vgg16 and fcn-vgg9.
 * Kim, Chough & Panda 2022, arXiv:2110.07742; DeepLab: Chen et al. 2017, arXiv:1606.00915; FCN: Long et al. 2015,
 * arXiv:1411.4038.
 */
import type { Architecture, ArchitectureStage, NamedArchitecture } from "./architecture.js";

const conv = (channels: number, dilation = 1): ArchitectureStage => ({ kind: "conv", channels, dilation });
const pointwise = (channels: number): ArchitectureStage => ({ kind: "conv", channels, kernelSize: 1 });
const pool = (stride: number): ArchitectureStage => ({ kind: "pool", stride });
const skip: ArchitectureStage = { kind: "skip" };

export const architectures = {
  "dl-vgg9": {
    decoder: "output",
    features: [
      ...[conv(64), conv(64), pool(2), conv(128), conv(128), pool(2)],
      ...[conv(256), conv(256, 2), conv(256, 2)],
    ],
    classifier: [conv(1024, 12)],
  },
  "dl-vgg11": {
    decoder: "output",
    features: [
      ...[conv(64), pool(2), conv(128), pool(2), conv(256), conv(256), pool(2)],
      ...[conv(512), conv(512), pool(1), conv(512, 2), conv(512, 2)],
    ],
    classifier: [conv(1024, 12), pointwise(1024)],
  },
  "dl-vgg16": {
    decoder: "output",
    features: [
      ...[conv(64), conv(64), pool(2), conv(128), conv(128), pool(2)],
      ...[conv(256), conv(256), conv(256), pool(2), conv(512), conv(512), conv(512), pool(1)],
      ...[conv(512, 2), conv(512, 2), conv(512, 2)],
    ],
    classifier: [conv(1024, 12), pointwise(1024)],
  },
  "fcn-vgg9": {
    decoder: "skips",
    features: [
      ...[conv(64), conv(64), skip, pool(2), conv(128), conv(128), skip, pool(2)],
      ...[conv(256), conv(256), conv(256), skip, pool(2)],
    ],
    classifier: [conv(1024), conv(1024), skip],
  },
} as const satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;

export const architectureNames = Object.keys(architectures) as ArchitectureName[];

/** The table behind a config's `arch`. */
export function architectureOf(arch: ArchitectureName | NamedArchitecture): Architecture {
  return typeof arch === "string" ? architectures[arch] : arch;
}

/** What a config's `arch` is called. */
export function architectureName(arch: ArchitectureName | NamedArchitecture): string {
  return typeof arch === "string" ? arch : arch.name;
}
