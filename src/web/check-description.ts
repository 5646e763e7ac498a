/** What a file says about its network, checked before a page shows it. */
import { isListOf, isNumber, isObject, isWhole } from "./json-checks.js";

const isText = (value: unknown) => typeof value === "string";
const isSize = (value: unknown, sides: number) =>
  Array.isArray(value) && value.length === sides && value.every((side) => isWhole(side, 1, 65_535));

/** @param damaged - makes the error of a part that cannot be */
export function checkDescription(description: unknown, damaged: (part: string) => Error): void {
  if (!isObject(description)) throw damaged("the description");
  const { name, kind, timesteps, classes, colors, input, layers, leak, thresholds } = description;
  const isColor = (color: unknown) => isListOf(color, (part) => isWhole(part, 0, 255)) && color.length === 3;
  const isLayer = (layer: unknown) =>
    isObject(layer) &&
    isText(layer.name) &&
    isSize(layer.shape, 3) &&
    isNumber(layer.operations, 0) &&
    isListOf(layer.reads, isText);
  const parts: Readonly<Record<string, boolean>> = {
    "the name": isText(name),
    "the kind": kind === "ann" || kind === "snn",
    "the number of timesteps": isWhole(timesteps, 1, 65_535),
    "the names of classes": isListOf(classes, isText) && classes.length > 0 && classes.length <= 255,
    "the colours": isListOf(colors, isColor) && isListOf(classes, isText) && colors.length === classes.length,
    "the input": isObject(input) && isInput(input),
    "the list of layers": isListOf(layers, isLayer),
    "the leak": leak === undefined || isNumber(leak, 0),
    "the thresholds": isObject(thresholds) && Object.values(thresholds).every((theta) => isNumber(theta, 0)),
  };
  for (const [part, isGood] of Object.entries(parts)) if (!isGood) throw damaged(part);
}

function isInput(input: Record<string, unknown>): boolean {
  const { kind, size, channels, fit, encoding, representation, windowUs, scaling } = input;
  if (!isSize(size, 2)) return false;
  if (kind === "picture") {
    const isChannel = (channel: unknown) =>
      isObject(channel) &&
      isWhole(channel.source, 0, 2) &&
      isNumber(channel.subtract) &&
      isNumber(channel.divide) &&
      channel.divide !== 0;
    const isFit = fit === "stretch" || fit === "letterbox";
    return isListOf(channels, isChannel) && isFit && (encoding === "direct" || encoding === "poisson");
  }
  return (
    kind === "events" &&
    isWhole(channels, 1, 65_535) &&
    ["counts", "ev-segnet", "voxel"].includes(representation as string) &&
    isNumber(windowUs, 1) &&
    (scaling === "channel" || scaling === "column") &&
    (encoding === "direct" || encoding === "sequence")
  );
}
