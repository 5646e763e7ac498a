/** From what masks hold to labels. */
import { DataFormatError } from "../../errors.js";
import {
  colorError,
  greyValue,
  type LabelMap,
  type Orientation,
  readStoredMask,
  type StoredMask,
} from "../../images/index.js";
import { voidLabel } from "../../metrics/index.js";
import { classValues, type MaskCode, voidValues } from "./mask-code.js";

/**
 * Reads a mask file to labels.
 *
 * @throws FileError if it cannot be read, DataFormatError naming file and pixel if it cannot be understood
 */
export async function readLabels(
  file: string,
  code: MaskCode,
  orientation: Orientation = "turned",
): Promise<LabelMap> {
  return labelsOfMask(await readStoredMask(file, { orientation }), code, file);
}

/**
 * Turns a mask's values or colours into labels, by one rule for grey, palette and true-colour files: a file whose
 * colours are all known is read by colours, one whose values are all known by values. A grey value v is the colour
 * (v, v, v), and the other way round.
 *
 * @param file - the mask's file, for error messages
 * @throws DataFormatError if neither reading fits (naming the pixel), or both do and differ
 */
export function labelsOfMask(mask: StoredMask, code: MaskCode, file: string): LabelMap {
  const { height, width, data } = mask;
  const labels = new Uint8Array(data.length);
  const meaning = meaningOf(mask, code, file);
  let [key, label] = [-1, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== key) {
      key = data[i] as number;
      label = meaning.get(key) as number;
    }
    labels[i] = label;
  }
  return { height, width, data: labels };
}

/** The labels with void turned into a class. */
export function withVoidAs(label: number, labels: Uint8Array): Uint8Array {
  return labels.map((value) => (value === voidLabel ? label : value));
}

/** An element of a mask that occurs, read in both ways. */
interface Entry {
  /** As in the mask's data. */
  readonly key: number;
  readonly byValue: number | undefined;
  readonly byColor: number | undefined;
}

/** The label of every element of the mask's data that occurs. */
function meaningOf(mask: StoredMask, code: MaskCode, file: string): ReadonlyMap<number, number> {
  const entries = occurring(mask.data).map((key) => entryOf(key, mask, code));
  const fits = (reading: "byValue" | "byColor") => entries.every((entry) => entry[reading] !== undefined);
  const chosen = (reading: "byValue" | "byColor") =>
    new Map(entries.map((entry) => [entry.key, entry[reading] as number]));
  if (code.colors === undefined || code.reading === "ids") {
    if (fits("byValue")) return chosen("byValue");
    throw strangeElement(mask, code, { entries, reading: "byValue", file });
  }
  if (code.reading === "colors") {
    if (fits("byColor")) return chosen("byColor");
    throw strangeElement(mask, code, { entries, reading: "byColor", file });
  }
  const [values, colors] = [fits("byValue"), fits("byColor")];
  const contradicts = ({ byValue, byColor }: Entry) =>
    byValue !== undefined && byColor !== undefined && byValue !== byColor;
  // A single grey that is the colour of another class says nothing while others are no colour at all.
  const painted = (entry: Entry) => mask.kind === "palette" && !isRamp(entry, mask);
  const contradiction = values
    ? entries.find((entry) => contradicts(entry) && (colors || painted(entry)))
    : undefined;
  if (contradiction !== undefined) throw contradictionError(contradiction, mask, file);
  if (colors) return chosen("byColor");
  if (values) return chosen("byValue");
  throw strangeElement(mask, code, { entries, reading: mask.kind === "color" ? "byColor" : "byValue", file });
}

/** The different elements in rising order. */
function occurring(data: StoredMask["data"]): number[] {
  if (data instanceof Uint32Array) {
    const keys = new Set<number>();
    let last = -1;
    for (const key of data) {
      if (key === last) continue;
      keys.add(key);
      last = key;
    }
    return [...keys].sort((a, b) => a - b);
  }
  const seen = new Uint8Array(data instanceof Uint8Array ? 256 : 65_536);
  for (const value of data) seen[value] = 1;
  return Array.from(seen.keys()).filter((value) => seen[value] === 1);
}

function entryOf(key: number, mask: StoredMask, { values, colors }: MaskCode): Entry {
  const value = mask.kind === "color" ? greyValue(key) : key;
  const color = colorOf(key, mask);
  return {
    key,
    byValue: value === undefined ? undefined : values.get(value),
    byColor: color === undefined ? undefined : colors?.get(color),
  };
}

function colorOf(key: number, { kind, palette }: StoredMask): number | undefined {
  if (kind === "color") return key;
  if (kind === "palette") return palette?.[key];
  return key < 256 ? key * 0x010101 : undefined;
}

/** Whether a palette only repeats the index as a grey, as encoders do where nobody chose colours. */
function isRamp({ key }: Entry, { palette }: StoredMask): boolean {
  return palette?.[key] === key * 0x010101;
}

function contradictionError(
  { key, byValue, byColor }: Entry,
  mask: StoredMask,
  file: string,
): DataFormatError {
  const color = colorOf(key, mask) as number;
  const rgb = `rgb(${color >> 16}, ${(color >> 8) & 255}, ${color & 255})`;
  const element = mask.kind === "palette" ? `index ${key} in ${rgb}` : rgb;
  const named = (label: number | undefined) => (label === voidLabel ? "void" : `class ${label}`);
  return new DataFormatError(
    `read mask ${file}: expected values and colours that agree with dataset.json, received a contradiction: ${element} is ${named(byValue)} by its value and ${named(byColor)} by \`colors\`; add "masks": "colors" or "masks": "ids" to dataset.json to say which counts`,
  );
}

/** The first pixel, in reading order, that the reading gives no meaning. */
function strangeElement(
  mask: StoredMask,
  code: MaskCode,
  {
    entries,
    reading,
    file,
  }: { readonly entries: readonly Entry[]; readonly reading: "byValue" | "byColor"; readonly file: string },
): DataFormatError {
  const strange = new Set(entries.filter((entry) => entry[reading] === undefined).map(({ key }) => key));
  const { width, data } = mask;
  const at = data.findIndex((key) => strange.has(key));
  if (mask.kind === "color") {
    return colorError(mask, at, { name: file, known: code.colors?.size });
  }
  const place = `at column ${at % width}, row ${Math.floor(at / width)}`;
  if (reading === "byColor") {
    const colors = Uint32Array.from(mask.data, (key) => colorOf(key, mask) ?? key);
    return colorError({ ...mask, data: colors }, at, {
      name: file,
      known: code.colors?.size,
    });
  }
  const voids = voidValues(code);
  const orVoid = voids.length === 0 ? "" : ` or void ${voids.join(", ")}`;
  return new DataFormatError(
    `read mask ${file}: expected ids ${classValues(code)}${orVoid}, received ${data[at]} ${place}; correct the mask or the class list`,
  );
}
