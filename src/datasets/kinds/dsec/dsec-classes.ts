/** The classes of DSEC-Semantic and their colours. */
import type { Rgb } from "../../../images/index.js";

/** Names and colours (those of Cityscapes) by id. */
export const dsecClasses: Readonly<Record<11 | 19, readonly (readonly [string, Rgb])[]>> = {
  11: [
    ["background", [0, 0, 0]],
    ["building", [70, 70, 70]],
    ["fence", [190, 153, 153]],
    ["person", [220, 20, 60]],
    ["pole", [153, 153, 153]],
    ["road", [128, 64, 128]],
    ["sidewalk", [244, 35, 232]],
    ["vegetation", [107, 142, 35]],
    ["car", [0, 0, 142]],
    ["wall", [102, 102, 156]],
    ["traffic sign", [220, 220, 0]],
  ],
  19: [
    ["road", [128, 64, 128]],
    ["sidewalk", [244, 35, 232]],
    ["building", [70, 70, 70]],
    ["wall", [102, 102, 156]],
    ["fence", [190, 153, 153]],
    ["pole", [153, 153, 153]],
    ["traffic light", [250, 170, 30]],
    ["traffic sign", [220, 220, 0]],
    ["vegetation", [107, 142, 35]],
    ["terrain", [152, 251, 152]],
    ["sky", [70, 130, 180]],
    ["person", [220, 20, 60]],
    ["rider", [255, 0, 0]],
    ["car", [0, 0, 142]],
    ["truck", [0, 0, 70]],
    ["bus", [0, 60, 100]],
    ["train", [0, 80, 100]],
    ["motorcycle", [0, 0, 230]],
    ["bicycle", [119, 11, 32]],
  ],
};

/**
 * Colours of the classes by id.
 *
 * @param classes - which of DSEC-Semantic's two lists of classes
 */
export function dsecColors(classes: 11 | 19): readonly Rgb[] {
  return dsecClasses[classes].map(([, color]) => color);
}
