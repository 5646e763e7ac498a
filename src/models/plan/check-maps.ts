/** Refuses tables whose stages do not fit what the stages before hand on. */
import { refuse } from "../../checks/index.js";
import type { ArchitectureStage, NamedArchitecture } from "./architecture.js";
import { joinWays } from "./join-maps.js";

/** What a stage hands on. */
interface HandedOn {
  readonly channels: number;
  /** Real values that no activation has seen: of a convolution that does not fire, or of a join with such. */
  readonly currents: boolean;
}

/**
 * Joins fit what they join, channels what reads them; and convolutions read activations: of a spiking network spikes, never
 * real-valued currents.
 *
 * @param arch - of stages that are well formed by themselves
 * @throws OptionError for the first stage that cannot read what it is handed
 */
export function checkMaps(where: string, { decoder, features, classifier }: NamedArchitecture): void {
  const kept = new Map<string, HandedOn>();
  let map: HandedOn = { channels: 0, currents: false };
  for (const [index, stage] of [...features, ...classifier].entries()) {
    const at = `${where}: stage ${index}`;
    switch (stage.kind) {
      case "conv":
        checkActivations(at, map);
        if (stage.depthwise && stage.channels !== map.channels) {
          const expected =
            index === 0 ? "no depthwise conv as the first" : `${map.channels}, as its input has`;
          refuse(at, "channels of a depthwise conv", expected, stage.channels);
        }
        map = { channels: stage.channels, currents: stage.fires === false };
        break;
      case "skip":
        checkActivations(at, map);
        break;
      case "fire":
        map = { ...map, currents: false };
        break;
      case "keep":
        if (kept.has(stage.name)) refuse(at, "it", "a keep of a new name", stage.name);
        kept.set(stage.name, map);
        break;
      case "join":
        map = joined(at, stage, { map, kept });
        break;
    }
  }
  if (decoder === "output") checkActivations(`${where}: the output convolution`, map);
}

function checkActivations(where: string, { currents }: HandedOn): void {
  if (!currents) return;
  refuse(where, "its input", "spikes or activations", "real-valued currents", "put a fire before it");
}

function joined(
  where: string,
  { name, by = "channels" }: Extract<ArchitectureStage, { kind: "join" }>,
  { map, kept }: { readonly map: HandedOn; readonly kept: ReadonlyMap<string, HandedOn> },
): HandedOn {
  const other = kept.get(name) ?? refuse(where, "it", "a join of a name that was kept before it", name);
  const channels =
    joinWays[by].channels(map.channels, other.channels) ??
    refuse(
      where,
      "it",
      `maps of as many channels for a join by ${by}`,
      `${map.channels} and ${other.channels}`,
    );
  return { channels, currents: map.currents || (by !== "size" && other.currents) };
}
