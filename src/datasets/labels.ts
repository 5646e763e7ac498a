/** From the ids a mask holds to labels. */
import { DataFormatError } from "../errors.js";
import type { IdMap, LabelMap } from "../images/index.js";
import { voidLabel } from "./dataset.js";

/**
 * Turns ids into labels.
 *
 * @param classCount - ids 0 … classCount − 1 are classes
 * @param voidId - the id that becomes void, also where it is below `classCount`
 * @param file - the mask's file, for error messages
 * @throws DataFormatError naming file, id and pixel, if an id is neither a class nor void
 */
export function labelsOfIds(
  ids: IdMap,
  {
    classCount,
    voidId,
    file,
  }: { readonly classCount: number; readonly voidId: number; readonly file: string },
): LabelMap {
  const { width, height, data } = ids;
  const labels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const id = data[i] as number;
    if (id !== voidId && id >= classCount) {
      throw new DataFormatError(
        `read mask ${file}: expected ids 0 to ${classCount - 1} or void ${voidId}, received ${id} at column ${i % width}, row ${Math.floor(i / width)}; correct the mask or the class list`,
      );
    }
    labels[i] = id === voidId ? voidLabel : id;
  }
  return { width, height, data: labels };
}

/** The labels with void turned into a class. */
export function withVoidAs(label: number, labels: Uint8Array): Uint8Array {
  return labels.map((value) => (value === voidLabel ? label : value));
}
