/** `dataset.json`: names, ids, colours and void of a data set's classes, and how its pictures are held. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { suggestion } from "../../checks/index.js";
import { DataFormatError } from "../../errors.js";
import { fileError, writeFileAtomic } from "../../files/index.js";
import { colorKey, type Orientation, type Rgb } from "../../images/index.js";
import { maxClasses, voidLabel } from "../../metrics/index.js";
import { distinctColors } from "./distinct-colors.js";
import type { MaskCode } from "./mask-code.js";

const byte = z.int().min(0).max(255);
const id = z.int().min(0).max(65_535);
const classFile = z.strictObject({
  classes: z.array(z.string().min(1)).min(1).max(maxClasses),
  void: z.union([id, z.array(id)]).optional(),
  ids: z.union([z.array(id), z.record(z.string().regex(/^\d{1,5}$/), z.string())]).optional(),
  colors: z.array(z.tuple([byte, byte, byte])).optional(),
  masks: z.enum(["ids", "colors"]).optional(),
  orientation: z.enum(["turned", "stored"]).optional(),
});
type ClassFile = z.infer<typeof classFile>;

const form = `{"classes": [names], "void": id, "ids": {"id": name} or [ids], "colors": [[r, g, b], …], "masks": "ids" or "colors", "orientation": "turned" or "stored"}`;

/** What a class file says, of {@link readClassFile}. */
export interface ClassList {
  /** Names; label k is the k-th. */
  readonly classes: readonly string[];
  /** One colour a class. */
  readonly colors: readonly Rgb[];
  /** What the masks mean. @internal */
  readonly maskCode: MaskCode;
  /** How pictures and masks are held, where the file says it. */
  readonly orientation?: Orientation | undefined;
}

/**
 * Reads a class file; all but `classes` may be absent.
 *
 * - `void`: the id, or ids, that no score looks at; 255 unless given
 * - `ids`: the masks' ids where they are not 0, 1, 2 …: a class name (or `"void"`) for each id, or an id for each class
 * - `colors`: a colour for each class; one more is that of void
 * - `masks`: what counts where ids and colours of a mask could both be meant
 * - `orientation`: `"stored"` where EXIF orientations are to be ignored
 *
 * @param path - a `dataset.json`, or a file like it
 * @throws FileError if it cannot be read, DataFormatError naming the field that is wrong
 */
export async function readClassFile(path: string): Promise<ClassList> {
  const content = parseClassFile(await readJson(path), path);
  const { classes, colors, masks, orientation } = content;
  if (masks === "colors" && colors === undefined) {
    throw wrong(path, "colors where masks are read by them", "none", 'add them or leave "masks" out');
  }
  const values = valuesOf(content, path);
  const code = { values, reading: masks };
  if (colors === undefined) {
    return { classes, colors: distinctColors(classes.length), maskCode: code, orientation };
  }
  return {
    classes,
    colors: colors.slice(0, classes.length),
    maskCode: { ...code, colors: labelOfColors(colors, content, { values, path }) },
    orientation,
  };
}

/** The class file of a data set. */
export function classFileOf({ root, classesFile }: ClassFilePlace): string {
  return classesFile ?? join(root, "dataset.json");
}

/** The colours of its classes, or `undefined` if there is no such file. */
export async function classFileColors(place: ClassFilePlace): Promise<readonly Rgb[] | undefined> {
  const file = classFileOf(place);
  return existsSync(file) ? (await readClassFile(file)).colors : undefined;
}

interface ClassFilePlace {
  readonly root: string;
  /** Where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
}

function parseClassFile(json: unknown, path: string): ClassFile {
  const parsed = classFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const key = issue.keys[0] as string;
    throw wrong(path, "known keys", `"${key}"`, suggestion(key, Object.keys(classFile.shape)));
  }
  const field = issue?.path.join(".") || "content";
  throw wrong(path, form, `a wrong ${field} (${issue?.message})`, "correct the file");
}

/** The label of each id. Without a named void, 255 is void, unless it is a class or white is a class's colour. */
function valuesOf({ classes, void: voidId, ids, colors }: ClassFile, path: string): Map<number, number> {
  const named = Object.entries(Array.isArray(ids) || ids === undefined ? {} : ids).map(
    ([value, name]) => [Number(value), labelOfName(name, { classes, path })] as const,
  );
  const listed = Array.isArray(ids) ? ids : [...classes.keys()];
  if (listed.length !== classes.length) {
    throw wrong(path, `an id for each of ${classes.length} classes`, `${listed.length} ids`, "correct ids");
  }
  const values = new Map(named.length > 0 ? named : listed.map((value, label) => [value, label] as const));
  if (named.length === 0 && values.size < listed.length) {
    throw wrong(path, "different ids", "one twice", "give every class an id of its own, or map ids to names");
  }
  const unmapped = classes.find((_, label) => ![...values.values()].includes(label));
  if (unmapped !== undefined) {
    throw wrong(path, "an id for each class", `none for ${unmapped}`, "add its id, or take the class out");
  }
  if (voidId === undefined) {
    const whiteIsClass = colors?.slice(0, classes.length).some((color) => colorKey(color) === 0xffffff);
    if (!values.has(voidLabel) && !whiteIsClass) values.set(voidLabel, voidLabel);
    return values;
  }
  for (const value of [voidId].flat()) {
    if (ids !== undefined && values.has(value) && values.get(value) !== voidLabel) {
      const name = classes[values.get(value) as number];
      throw wrong(
        path,
        "ids that are a class or void",
        `${value} as ${name} and void`,
        "correct ids or void",
      );
    }
    values.set(value, voidLabel);
  }
  return values;
}

function labelOfName(
  name: string,
  { classes, path }: { readonly classes: readonly string[]; readonly path: string },
): number {
  const label = classes.indexOf(name);
  if (label >= 0) return label;
  if (name === "void") return voidLabel;
  throw wrong(path, "ids of classes", `"${name}"`, suggestion(name, [...classes, "void"]));
}

/** The label of each colour: those of the classes in their order, and after them that of void. */
function labelOfColors(
  colors: readonly Rgb[],
  { classes, ids }: ClassFile,
  { values, path }: { readonly values: ReadonlyMap<number, number>; readonly path: string },
): Map<number, number> {
  const count = classes.length;
  if (colors.length < count || colors.length > count + 1) {
    throw wrong(
      path,
      `a colour for each of ${count} classes`,
      String(colors.length),
      "list one a class, and at most one more for void, or leave colors out",
    );
  }
  // Without a map of ids, void may be the id of a class.
  const labelOf = (k: number) => (k >= count ? voidLabel : ids === undefined ? (values.get(k) ?? k) : k);
  const labels = new Map(colors.map((color, k) => [colorKey(color), labelOf(k)]));
  if (labels.size < colors.length) {
    throw wrong(path, "different colours", "one twice", "give every class a colour of its own");
  }
  return labels;
}

function wrong(path: string, expected: string, received: string, next: string): DataFormatError {
  return new DataFormatError(`read class list ${path}: expected ${expected}, received ${received}; ${next}`);
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, { operation: `read class list ${path}`, expected: "a JSON file of class names" });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFormatError(
      `read class list ${path}: expected JSON, received other text (${reason}); correct it`,
    );
  }
}

/** Writes the `dataset.json` of masks whose ids are the classes' places in the list. */
export async function writeClassFile(
  root: string,
  { classes, colors }: Pick<ClassList, "classes" | "colors">,
): Promise<void> {
  const content = { classes, void: voidLabel, colors };
  await writeFileAtomic(join(root, "dataset.json"), `${JSON.stringify(content, undefined, 2)}\n`);
}
