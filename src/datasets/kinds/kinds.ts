/** The kinds of data sets: the one place that names them all. */
import { suggestion } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import type { Rgb } from "../../images/index.js";
import type { Options } from "../../options/index.js";
import type { KindSpec } from "../core/dataset-spec.js";
import { distinctColors } from "../masks/distinct-colors.js";
import type { DatasetKind } from "./dataset-kind.js";
import { type Ddd17Spec, ddd17 } from "./ddd17/ddd17.js";
import { type DigitsSpec, digits } from "./digits/digits.js";
import { type DsecSpec, dsec } from "./dsec/dsec.js";
import { type EventsSpec, events } from "./events/events.js";
import { type FolderSpec, folder } from "./folder/folder.js";
import { type SimulatedSpec, simulated } from "./simulated/simulated.js";
import { type Voc2012Spec, voc2012 } from "./voc2012/voc2012.js";

/** Which data set, and how its examples are prepared: plain JSON. */
export type DatasetSpec =
  | Voc2012Spec
  | FolderSpec
  | DigitsSpec
  | Ddd17Spec
  | DsecSpec
  | EventsSpec
  | SimulatedSpec;

/** The name of a kind of data set. */
export type DatasetName = DatasetSpec["name"];

/** In the order of help texts. */
export const datasetKinds = { voc2012, folder, digits, ddd17, dsec, events, simulated } satisfies {
  readonly [N in DatasetName]: DatasetKind<Extract<DatasetSpec, { readonly name: N }>, Options>;
};

/** Any kind, for code that works on all alike. */
export type AnyKind = DatasetKind<KindSpec, Options>;

const byName: ReadonlyMap<string, AnyKind> = new Map(Object.entries<AnyKind>(datasetKinds));

/**
 * The definition of a data set's kind.
 *
 * @throws OptionError naming the nearest kind
 */
export function datasetKind(spec: Pick<KindSpec, "name">): AnyKind {
  // Callers without types may pass anything.
  const { name } = Object(spec) as Pick<KindSpec, "name">;
  const kind = byName.get(name);
  if (kind !== undefined) return kind;
  throw new OptionError(
    `data set: expected a name such as ${[...byName.keys()].join(", ")}, received ${JSON.stringify(name)}; ${suggestion(String(name), [...byName.keys()])}`,
  );
}

/** The kinds whose examples may be sequences. */
export const sequenceKinds: readonly string[] = [...byName].flatMap(([name, kind]) =>
  kind.sequences === undefined ? [] : [name],
);

/** Whether the classes of data sets of that name stand in a file of the user's. */
export function hasClassFile(name: string): boolean {
  return byName.get(name)?.takes.classes === true;
}

/**
 * A colour for each class of a network: those of its data set where they can be found, else ones that stay apart.
 *
 * @param spec - which data set; its files may be read
 * @param classes - number of classes K of the network
 */
export async function classColors(spec: DatasetSpec, classes: number): Promise<readonly Rgb[]> {
  const known = await datasetKind(spec).colors(spec, classes);
  return known?.length === classes ? known : distinctColors(classes);
}
