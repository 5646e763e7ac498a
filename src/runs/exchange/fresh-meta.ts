/** What the checkpoint of a network says that was trained elsewhere. */
import type { Config } from "../../config/index.js";
import type { ModelConfig } from "../../models/index.js";
import type { CheckpointMeta } from "../../training/index.js";

/** No pixels counted, no epoch, no scores. */
export function freshMeta(
  model: ModelConfig,
  { config, classes }: { readonly config: Partial<Config>; readonly classes?: readonly string[] | undefined },
): CheckpointMeta {
  const { numClasses } = model;
  return {
    model,
    config,
    classes: classes ?? Array.from({ length: numClasses }, (_, i) => `class ${i}`),
    trainPixels: new Array<number>(numClasses).fill(0),
    epoch: 0,
    step: 0,
    scores: null,
  };
}
