/** Where DSEC says how its lenses distort. */
import { formatError } from "./format-error.js";
import { Hdf5File } from "./hdf5-file.js";
import type { RectifyMap } from "./rectify-map.js";

/**
 * Reads DSEC's `rectify_map.h5`.
 *
 * @param path - an HDF5 file with the data set `rectify_map`
 * @throws DataFormatError if it holds no map of height x width x 2
 */
export async function readRectifyMap(path: string): Promise<RectifyMap> {
  await using file = await Hdf5File.open(path);
  const column = await file.column("rectify_map");
  const [height = 0, width = 0, two] = column?.shape ?? [];
  if (column === undefined || column.shape.length !== 3 || two !== 2) {
    throw formatError({
      path,
      at: "rectify_map",
      expected: "a map of height x width x 2",
      received: column ? `shape [${column.shape}]` : "none",
    });
  }
  return { height, width, data: await column.numbers(0, height) };
}
