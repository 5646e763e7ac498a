/** Refuses tables that no network can have. */
import {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkOneOf,
  LARGEST_INT,
  refuse,
} from "../../checks/index.js";
import type { ArchitectureStage, NamedArchitecture } from "./architecture.js";
import { type ArchitectureName, architectureNames } from "./architectures.js";
import { checkMaps } from "./check-maps.js";
import { joinWays } from "./join-maps.js";

const keys = new Set(["name", "decoder", "features", "classifier", "alignCorners"]);
const stageKeys = {
  conv: ["kind", "channels", "dilation", "kernelSize", "stride", "depthwise", "fires"],
  fire: ["kind"],
  pool: ["kind", "stride"],
  skip: ["kind"],
  keep: ["kind", "name"],
  join: ["kind", "name", "by"],
} as const satisfies Record<ArchitectureStage["kind"], readonly string[]>;

/** @throws {@link OptionError} for a name that is unknown, or the first stage that cannot be */
export function checkArchitecture(operation: string, arch: ArchitectureName | NamedArchitecture): void {
  if (typeof arch !== "object" || arch === null) {
    checkOneOf(operation, "arch", arch, architectureNames);
    return;
  }
  const { name, decoder, features, classifier, alignCorners = true } = arch;
  if (typeof name !== "string" || name === "") refuse(operation, "arch.name", "a name", name);
  const where = `${operation}: arch ${name}`;
  checkKeys(where, arch, keys);
  checkOneOf(where, "decoder", decoder, ["output", "skips"]);
  checkBoolean(where, "alignCorners", alignCorners);
  if (!alignCorners && decoder === "skips")
    refuse(where, "alignCorners", "true with decoder skips", alignCorners);
  for (const [part, stages] of Object.entries({ features, classifier })) {
    if (!Array.isArray(stages)) refuse(where, part, "a list of stages", stages);
  }
  const stages = [...features, ...classifier];
  for (const [index, stage] of stages.entries()) checkStage(`${where}: stage ${index}`, stage);
  if (features[0]?.kind !== "conv") refuse(where, "the first of the features", "a conv", features[0]?.kind);
  checkScores(where, arch);
  checkMaps(where, arch);
}

function checkStage(where: string, stage: ArchitectureStage): void {
  if (typeof stage !== "object" || stage === null) refuse(where, "it", "a stage", stage);
  checkOneOf(where, "kind", stage.kind, Object.keys(stageKeys));
  checkKeys(where, stage, new Set(stageKeys[stage.kind]));
  switch (stage.kind) {
    case "conv": {
      const { channels, dilation = 1, kernelSize = 1, stride = 1, depthwise = false, fires = true } = stage;
      for (const [name, value] of Object.entries({ channels, dilation, kernelSize })) {
        checkInteger(where, name, value, { most: LARGEST_INT });
      }
      if (kernelSize % 2 === 0) refuse(where, "kernelSize", "odd", kernelSize);
      checkInteger(where, "stride", stride, { most: 2 });
      checkBoolean(where, "depthwise", depthwise);
      checkBoolean(where, "fires", fires);
      break;
    }
    case "pool":
      checkInteger(where, "stride", stage.stride, { most: LARGEST_INT });
      break;
    case "keep":
    case "join":
      if (typeof stage.name !== "string" || stage.name === "") refuse(where, "name", "a name", stage.name);
      if (stage.kind === "join") checkOneOf(where, "by", stage.by ?? "channels", Object.keys(joinWays));
      break;
  }
}

/** Skips are read by the decoder of that kind, which ends at the deepest and adds at least one more. */
function checkScores(where: string, { decoder, features, classifier }: NamedArchitecture): void {
  const kinds = [...features, ...classifier].map(({ kind }) => kind);
  const skips = kinds.filter((kind) => kind === "skip").length;
  if (decoder === "output") {
    if (skips > 0) refuse(where, "the number of skips", "0 beside decoder output", skips, 'or take "skips"');
    return;
  }
  if (skips < 2) refuse(where, "the number of skips", "2 or more beside decoder skips", skips);
  if (kinds.at(-1) !== "skip") refuse(where, "the last stage", "a skip beside decoder skips", kinds.at(-1));
  let convolutions = 0;
  for (const [index, kind] of kinds.entries()) {
    if (kind === "conv") convolutions++;
    if (kind !== "skip") continue;
    if (convolutions === 0) refuse(where, `stage ${index}`, "a skip with a conv since the last one", kind);
    convolutions = 0;
  }
}
