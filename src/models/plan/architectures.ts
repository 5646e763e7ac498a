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

type Stages = readonly ArchitectureStage[];
const deepLab = (features: Stages, classifier: Stages): Architecture => ({
  ...{ decoder: "output", features, classifier },
});
const fcn = (features: Stages, classifier: Stages): Architecture => ({
  ...{ decoder: "skips", features, classifier },
});

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
