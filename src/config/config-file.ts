/** Config files: the options' names and values as JSON or YAML. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { shown } from "../checks/index.js";
import { OptionError } from "../errors.js";
import { keyOf } from "./names.js";
import type { Layer } from "./option-layers.js";
import { isConfigKey, optionOf } from "./schema.js";

/**
 * Reads a config file. JSON is read as YAML, which contains it. `preset: NAME` may name the preset to build on.
 *
 * Relative paths in the file count from the file's folder.
 *
 * @throws OptionError if the file is missing, no mapping, not well-formed, or says an option twice
 */
export async function readConfigFile(path: string): Promise<{ layer: Layer; preset: string | undefined }> {
  const { preset, ...entries } = await readMapping(path);
  if (preset !== undefined && typeof preset !== "string") {
    throw new OptionError(`config ${path}: preset: expected a preset's name, received ${shown(preset)}`);
  }
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entries)) {
    const key = keyOf(name);
    if (Object.hasOwn(values, key)) {
      throw new OptionError(
        `config ${path}: expected each option once, received ${key} twice, the second time as ${name}; leave one out`,
      );
    }
    const isPath = isConfigKey(key) && optionOf(key).isPath && typeof value === "string";
    values[key] = isPath ? resolve(dirname(path), value) : value;
  }
  return { layer: { source: "file", where: `config ${path}: `, values }, preset };
}

async function readMapping(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new OptionError(`config ${path}: expected a readable file; check the path given with --config`, {
      cause,
    });
  }
  const { parse } = await import("yaml"); // Few command lines need it, and it takes a while.
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    const reason = (cause as Error).message.split("\n")[0];
    throw new OptionError(
      `config ${path}: expected JSON or YAML, received text that is neither (${reason})`,
      {
        cause,
      },
    );
  }
  if (content === null || typeof content !== "object" || Array.isArray(content)) {
    throw new OptionError(`config ${path}: expected option names with values, such as "epochs: 10"`);
  }
  return content as Record<string, unknown>;
}
