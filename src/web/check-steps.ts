/** That a file's steps fit its maps and arrays: whatever passes runs without reading or writing beyond its arrays. */
import { isNumber, isObject, isWhole } from "./json-checks.js";
import { mapSizes } from "./map-sizes.js";
import type { ConvStep, FireStep, WebMap, WebModel, WebStep } from "./model.js";

type Damaged = (part: string) => Error;

/** Products of higher integers leave the kernels' 16 bits. */
const highest = 127;

/** @param damaged - makes the error of a part that cannot be */
export function checkSteps(model: WebModel, damaged: Damaged): void {
  const { maps, steps, scores, description } = model;
  if (!Array.isArray(steps) || !isObject(scores)) throw damaged("the list of steps");
  // The highest integer of each map that is written; of values 0.
  const written = new Map([[0, 0]]);
  steps.forEach((step: unknown, at) => {
    if (!isObject(step) || !fits(step as unknown as WebStep, model, written)) throw damaged(`step ${at}`);
    const bound = highestOf(step as unknown as WebStep, written);
    if (bound > highest) throw damaged(`step ${at}`);
    written.set(step.to as number, bound);
  });
  if (maps[0]!.kind !== "values" || inputChannels(model) !== maps[0]!.channels) throw damaged("the input");
  try {
    mapSizes(steps, description.input.size);
  } catch {
    throw damaged("the sizes of maps");
  }
  const { map, over, alignCorners } = scores;
  const isRead =
    written.has(map) && maps[map]!.kind === "values" && maps[map]!.channels === description.classes.length;
  if (!isRead || (over !== "mean" && over !== "sum") || typeof alignCorners !== "boolean") {
    throw damaged("the map of scores");
  }
}

type Written = ReadonlyMap<number, number>;

function highestOf(step: WebStep, written: Written): number {
  const before = written.get(step.from)!;
  switch (step.kind) {
    case "fire":
      return Math.max(1, step.levels);
    case "pool":
      return 9 * before;
    case "concat":
      return Math.max(before, written.get(step.other)!);
    default:
      return 0;
  }
}

function inputChannels({ description: { input } }: WebModel): number {
  return input.kind === "picture" ? input.channels.length : input.channels;
}

function fits(step: WebStep, model: WebModel, written: Written): boolean {
  const { maps } = model;
  const isNew = isWhole(step.to, 1, maps.length - 1) && !written.has(step.to);
  if (!written.has(step.from) || !isNew) return false;
  const [from, to] = [maps[step.from]!, maps[step.to]!];
  const isSame = from.channels === to.channels;
  const are = (before: WebMap["kind"], after: WebMap["kind"]) => from.kind === before && to.kind === after;
  switch (step.kind) {
    case "conv":
      return convFits(step, model) && step.most >= written.get(step.from)!;
    case "fire":
      return (
        isSame && are("values", "integers") && affineFits(step.affine, model, to) && fireFits(step, model)
      );
    case "relu": {
      const isSlope = isNumber(step.slope) && typeof step.name === "string";
      return isSame && are("values", "values") && affineFits(step.affine, model, to) && isSlope;
    }
    case "affine":
      return isSame && are("values", "values") && affineFits(step.affine, model, to);
    case "pool":
      return isSame && from.kind === to.kind && isWhole(step.stride, 1, 2);
    case "values":
      return isSame && are("integers", "values") && shapeOf(model, step.worth) === `float32 ${to.channels}`;
    case "add":
    case "concat": {
      if (!written.has(step.other) || from.kind !== to.kind) return false;
      const { kind, channels } = maps[step.other]!;
      const sum = step.kind === "add" ? from.channels : from.channels + channels;
      const isSum = step.kind === "concat" || (channels === from.channels && kind === "values");
      return kind === to.kind && isSum && sum === to.channels;
    }
    case "resize":
      return (
        isSame && are("values", "values") && written.has(step.like) && typeof step.alignCorners === "boolean"
      );
    case "spread":
      return isSame && are("values", "values");
    default:
      return false;
  }
}

function convFits(step: ConvStep, model: WebModel): boolean {
  const { name, kernelSize, stride, dilation, padding, depthwise, most } = step;
  const [from, to] = [model.maps[step.from]!, model.maps[step.to]!];
  const areNumbers =
    isWhole(kernelSize, 1, 15) &&
    isWhole(stride, 1, 2) &&
    isWhole(dilation, 1, 1024) &&
    isWhole(padding, Math.ceil(((kernelSize - 1) * dilation) / 2), (kernelSize - 1) * dilation) &&
    isWhole(most, 0, highest) &&
    typeof depthwise === "boolean";
  if (!areNumbers || to.kind !== "values" || from.kind !== (most > 0 ? "integers" : "values")) return false;
  const shape = [to.channels, depthwise ? 1 : from.channels, kernelSize, kernelSize];
  const isSame = !depthwise || from.channels === to.channels;
  return isSame && shapeOf(model, `${name}.weight`) === `${most > 0 ? "int8" : "float32"} ${shape}`;
}

function fireFits(step: FireStep, model: WebModel): boolean {
  const { name, leak, levels, reset, initialMembrane } = step;
  const threshold = model.arrays.get(`${name}.threshold`);
  const { channels } = model.maps[step.to]!;
  const isPer = (sides: number) => sides === 1 || sides === channels;
  const [first = 0, ...size] = threshold?.shape ?? [];
  if (!isPer(first) || (size.length !== 0 && (size.length !== 2 || first !== channels))) return false;
  if (threshold?.dtype !== "float32" || !(threshold.data as Float32Array).every((theta) => theta > 0))
    return false;
  return (
    isNumber(leak, 0) &&
    isWhole(levels, 0, highest) &&
    (reset === "soft" || reset === "hard") &&
    isNumber(initialMembrane)
  );
}

function affineFits(name: unknown, model: WebModel, { channels }: WebMap): boolean {
  if (name === undefined) return true;
  if (typeof name !== "string") return false;
  return ["scale", "shift"].every((part) => {
    const rows = model.arrays.get(`${name}.${part}`);
    if (rows === undefined) return true;
    const [count = 0, width] = rows.shape;
    return rows.dtype === "float32" && rows.shape.length === 2 && count > 0 && width === channels;
  });
}

/** Such as `int8 64,3,3,3`. */
function shapeOf({ arrays }: WebModel, name: string): string | undefined {
  const array = arrays.get(name);
  return array && `${array.dtype} ${array.shape}`;
}
