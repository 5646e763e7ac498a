/** The lists of any data set. */
import { OptionError } from "../../errors.js";
import type { ListLayout } from "../lists/list-layout.js";
import { type DatasetSpec, datasetKind } from "./kinds.js";

/**
 * Where a data set's lists lie and what they mean.
 *
 * @throws OptionError for data sets without lists, FileError if the root is missing
 */
export function layoutOf(spec: DatasetSpec): ListLayout {
  const layout = datasetKind(spec).lists?.(spec);
  if (layout !== undefined) return layout;
  throw new OptionError(
    `lists of ${spec.name}: expected a data set of files, received one that is generated; it needs no lists`,
  );
}
