/** Which plans run on integer kernels: convolutions read integers, neurons real-valued currents. */
import type { NetworkPlan, PlannedLayer } from "../models/index.js";
import { mostLevels } from "./integer-ops.js";

/** Values of a 3x3 window. */
export const windowValues = 9;

/** A map between layers: the image, real values, or integers from 0 to `most`. */
interface PassedOn {
  readonly kind: "image" | "currents" | "integers";
  readonly most: number;
}

/**
 * Why a plan does not run on integers, as the end of a sentence; `undefined` if it does.
 *
 * @param plan - its layers
 * @param levels - what its neurons send at most
 */
export function integerPlanObstacle({ layers, decoder }: NetworkPlan, levels: number): string | undefined {
  if (decoder) return "its scores come from several sizes (skips)";
  if (levels > mostLevels) return `its neurons send integers up to ${levels}; the kernels take ${mostLevels}`;
  const kept = new Map<string, PassedOn>();
  let map: PassedOn = { kind: "image", most: 0 };
  for (const layer of layers) {
    const next = passedOn(layer, { map, kept, levels });
    if (typeof next === "string") return next;
    map = next;
    if (layer.kind === "keep") kept.set(layer.label, map);
  }
  return undefined;
}

function passedOn(
  layer: PlannedLayer,
  {
    map,
    kept,
    levels,
  }: { readonly map: PassedOn; readonly kept: ReadonlyMap<string, PassedOn>; readonly levels: number },
): PassedOn | string {
  const { name } = layer;
  switch (layer.kind) {
    case "conv":
      return { kind: layer.fires ? "integers" : "currents", most: levels };
    case "fire":
      return map.kind === "currents"
        ? { kind: "integers", most: levels }
        : `${name} fires after an activation`;
    case "pool":
      if (map.kind !== "integers") return `${name} pools real-valued maps`;
      if (map.most * windowValues <= mostLevels) return { ...map, most: map.most * windowValues };
      return `${name} sums ${windowValues} integers up to ${map.most}; the kernels take sums of ${mostLevels}`;
    case "join": {
      const other = kept.get(layer.label)!;
      const wanted = layer.by === "channels" ? "integers" : "currents";
      const fits =
        map.kind === wanted && (layer.by === "size" ? other.kind !== "image" : other.kind === wanted);
      const most = Math.max(map.most, other.most);
      return fits ? { ...map, most } : `${name} joins ${map.kind} and ${other.kind} by ${layer.by}`;
    }
    default:
      return map;
  }
}
