/** `dataset.json`: names, void id and colours of a folder data set's classes. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { DataFormatError } from "../errors.js";
import { fileError } from "../files/index.js";
import { type ColorMap, colorKey, type Rgb } from "../images/index.js";
import { distinctColors } from "./class-colors.js";
import { maxClasses, voidLabel } from "./dataset.js";

const byte = z.int().min(0).max(255);
const classFile = z.object({
  classes: z.array(z.string().min(1)).min(1).max(maxClasses),
  void: z.int().min(0).max(65_535).optional(),
  colors: z.array(z.tuple([byte, byte, byte])).optional(),
});

export interface ClassList {
  readonly classes: readonly string[];
  /** One colour a class. */
  readonly colors: readonly Rgb[];
  /** The id that masks use for void; 255 where the file names none. */
  readonly voidId: number;
  /** For masks in true colour, where the file lists colours. */
  readonly colorMap?: ColorMap;
}

/**
 * Reads a class file: `{"classes": [names], "void": id, "colors": [[red, green, blue], …]}`.
 *
 * `void` and `colors` may be absent. Colours are listed by id; one for the void id may follow those of the classes.
 *
 * @throws FileError if it cannot be read, DataFormatError naming the field that is wrong
 */
export async function readClassFile(path: string): Promise<ClassList> {
  const parsed = classFile.safeParse(await readJson(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") || "content";
    throw new DataFormatError(
      `read class list ${path}: expected {"classes": [names], "void": id, "colors": [[r, g, b], …]}, received a wrong ${field} (${issue?.message}); correct the file`,
    );
  }
  const { classes, colors, void: voidId = voidLabel } = parsed.data;
  if (colors === undefined) return { classes, voidId, colors: distinctColors(classes.length) };
  if (colors.length < classes.length) {
    throw new DataFormatError(
      `read class list ${path}: expected a colour for each of ${classes.length} classes, received ${colors.length}; add the missing ones or leave colors out`,
    );
  }
  const colorMap = new Map(colors.map((color, id) => [colorKey(color), id]));
  if (colorMap.size < colors.length) {
    throw new DataFormatError(
      `read class list ${path}: expected different colours, received one twice; give every class a colour of its own`,
    );
  }
  return { classes, voidId, colors: colors.slice(0, classes.length), colorMap };
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fileError(error, { operation: `read class list ${path}`, expected: "a JSON file of class names" });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFormatError(
      `read class list ${path}: expected JSON, received other text (${reason}); correct it`,
    );
  }
}
