/**
 * Old checkpoints stay readable: every version has one step to the next one.
 *
 * When the meaning of a field changes, raise {@link checkpointVersion} and add the step from the version before.
 */
import { DataFormatError } from "../errors.js";
import type { JsonObject } from "./json-value.js";

/** The version written today. */
export const checkpointVersion = 2;

/** Turns the metadata of version `n` into that of version `n + 1`. */
export type Migration = (meta: JsonObject) => JsonObject;

/** Steps by the version they start from. */
export const migrations: ReadonlyMap<number, Migration> = new Map([[1, labelsAtCorners]]);

/** Networks of version 1 have learnt labels of reduced pictures that were taken at the corner of their pixels. */
function labelsAtCorners(meta: JsonObject): JsonObject {
  const config = meta.config as JsonObject | undefined;
  if (config === undefined || config.dataset === "digits") return meta;
  return { ...meta, config: { ...config, labelPixel: "corner" } };
}

/**
 * Metadata in today's form.
 *
 * @throws DataFormatError if the version is unknown or from the future
 */
export function migrateMeta(
  meta: JsonObject,
  {
    file,
    steps = migrations,
    target = checkpointVersion,
  }: { readonly file: string; readonly steps?: ReadonlyMap<number, Migration>; readonly target?: number },
): JsonObject {
  const { version } = meta;
  if (typeof version === "number" && version > target) {
    throw new DataFormatError(
      `load checkpoint ${file}: expected version ${target} or older, received ${version}; update snnseg`,
    );
  }
  if (version === target) return meta;
  const step = typeof version === "number" ? steps.get(version) : undefined;
  if (step === undefined || typeof version !== "number") {
    throw new DataFormatError(
      `load checkpoint ${file}: expected a known version, received ${JSON.stringify(version)}; the file is damaged`,
    );
  }
  return migrateMeta({ ...step(meta), version: version + 1 }, { file, steps, target });
}
