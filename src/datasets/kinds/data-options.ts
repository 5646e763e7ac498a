/** The options of the data set: those that all kinds share and those of each, with the kinds that take them. */
import { choice, type Needs, type Options, option, type ValuesOf } from "../../options/index.js";
import { exampleOptions, sharedOptions } from "../core/shared-options.js";
import { eventOptions } from "../recordings/event-options.js";
import type { Taken } from "./dataset-kind.js";
import { type AnyKind, type DatasetName, type DatasetSpec, datasetKind, datasetKinds } from "./kinds.js";

const kinds: readonly AnyKind[] = Object.values(datasetKinds);

type Merged<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** The options that one kind alone has, of all kinds. */
type OwnOptions = Merged<(typeof datasetKinds)[DatasetName]["options"]>;

/** All of them in the order of help texts. */
export const dataOptions = {
  dataset: option(choice(Object.keys(datasetKinds) as [DatasetName, ...DatasetName[]]), {
    group: "Data",
    default: "voc2012",
    help: "kind of data set",
  }),
  ...withTakers(sharedOptions),
  ...ownOptions(),
  ...withTakers(eventOptions),
  ...withTakers(exampleOptions),
};

/** Their values. */
export type DataValues = ValuesOf<typeof dataOptions>;

/**
 * The data set that a run's options say.
 *
 * @param sequence - frames of an example of a network that sees sequences, else 0
 */
export function specOfOptions(values: DataValues, sequence: number): DatasetSpec {
  // The kind of that name makes specs of that name.
  return datasetKind({ name: values.dataset }).specOf(values, sequence) as DatasetSpec;
}

/** Shared options with the data sets that they mean something to; one that no kind names means something to all. */
function withTakers<O extends Options>(shared: O): O {
  const entries = Object.entries(shared).map(([key, each]) => {
    const takers = new Map<string, Needs & { readonly dataset: readonly string[] }>();
    for (const { name, takes } of kinds) {
      const taken = takes[key as keyof Taken];
      if (taken === undefined) continue;
      const beside = taken === true ? {} : taken;
      const before = takers.get(JSON.stringify(beside))?.dataset ?? [];
      takers.set(JSON.stringify(beside), { dataset: [...before, name], ...beside });
    }
    return [key, { ...each, only: [...takers.values()] }];
  });
  return Object.fromEntries(entries) as O;
}

function ownOptions(): OwnOptions {
  const entries = kinds.flatMap(({ name, options }) =>
    Object.entries(options).map(([key, each]) => [key, { ...each, only: [{ dataset: [name] }] }]),
  );
  return Object.fromEntries(entries) as OwnOptions;
}
