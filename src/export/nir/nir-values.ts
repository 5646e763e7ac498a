/** The values that NIR's files are made of: texts, numbers, shapes and metadata. */
import { formatError, type Hdf5Column, type Hdf5File, type Hdf5Group } from "../../events/index.js";
import type { NirFault } from "./nir-fault.js";
import { shown } from "./nir-fault.js";
import type { NirMetadata, NirTensor } from "./nir-graph.js";
import { cells, mostBytes } from "./tensors.js";

/** Groups in groups; a damaged file may hold itself. */
export const deepest = 16;

/** Where a group stands. */
export interface Position {
  /** Such as `node conv_1`, for errors. */
  readonly at: string;
  /** Groups around it. */
  readonly depth: number;
}

/** A value of a group, which may be missing. */
export interface Field {
  readonly columns: ReadonlyMap<string, Hdf5Column>;
  readonly name: string;
  /** Such as `node conv_1`, for errors. */
  readonly at: string;
}

/** Reads the values of one file. */
export class NirValues {
  readonly #file: Hdf5File;
  #bytes = 0;

  constructor(file: Hdf5File) {
    this.#file = file;
  }

  /** The error for a fault of this file. */
  fault({
    nextStep = "export the network anew",
    ...fault
  }: NirFault & { readonly nextStep?: string }): Error {
    const { operation, path } = this.#file;
    return formatError({ operation, path, ...fault, nextStep });
  }

  /** What is in a group; `""` is the file. */
  async members(path: string, { at, depth }: Position): Promise<Hdf5Group> {
    const members = await this.#file.members(path);
    if (members === undefined) throw this.fault({ at, expected: `a group ${path}`, received: "none" });
    if (depth > deepest)
      throw this.fault({ at, expected: `groups ${deepest} deep`, received: "deeper ones" });
    const [link] = members.others;
    if (link === undefined) return members;
    throw this.fault({ at, expected: "groups and data sets alone", received: `${link}, a link` });
  }

  /** One text. */
  async text(field: Field): Promise<string> {
    const column = this.#column(field);
    const texts = column.isText ? await column.texts() : [];
    if (texts.length === 1) return texts[0]!;
    throw this.#wrong(field, "one text");
  }

  /** Texts of any shape. */
  async texts(field: Field): Promise<{ shape: readonly number[]; texts: readonly string[] }> {
    const column = this.#column(field);
    // The reference writes an empty list as one of numbers.
    if (column.shape[0] === 0) return { shape: column.shape, texts: [] };
    if (column.isText) return { shape: column.shape, texts: await column.texts() };
    throw this.#wrong(field, "texts");
  }

  /** Numbers of any shape. */
  async tensor(field: Field): Promise<NirTensor> {
    const column = this.#column(field);
    const { shape } = column;
    if (column.isText) throw this.#wrong(field, "numbers");
    if (shape.includes(0)) throw this.#wrong(field, "axes of 1 or more");
    this.#bytes += 4 * cells(shape);
    if (this.#bytes > mostBytes) {
      throw this.fault({ at: field.at, expected: "at most 2 GiB of numbers", received: "more" });
    }
    const data = await column.allNumbers();
    return { shape, data: data instanceof Float32Array ? data : Float64Array.from(data) };
  }

  /** One text, or integers: one, or a list of them. */
  async wordOrIntegers(field: Field): Promise<string | readonly number[]> {
    if (this.#column(field).isText) return await this.text(field);
    const { shape, data } = await this.tensor(field);
    const expected = "an integer or a list of them";
    if (shape.length > 1 || data.length > deepest) throw this.#wrong(field, expected);
    const values = [...data];
    if (values.every(Number.isSafeInteger)) return values;
    throw this.fault({ at: `${field.at}, ${field.name}`, expected, received: values.join(", ") });
  }

  /** Everything in a group of metadata. */
  async metadata(path: string, position: Position): Promise<NirMetadata> {
    const { groups, columns } = await this.members(path, position);
    const { at, depth } = position;
    const entries: [string, NirMetadata[string]][] = [];
    for (const name of columns.keys()) entries.push([name, await this.#metadatum({ columns, name, at })]);
    for (const name of groups) {
      entries.push([name, await this.metadata(`${path}/${name}`, { at, depth: depth + 1 })]);
    }
    return Object.fromEntries(entries);
  }

  async #metadatum(field: Field): Promise<NirMetadata[string]> {
    const column = this.#column(field);
    const isOne = column.shape.length === 0;
    if (column.isText) return isOne ? await this.text(field) : await column.texts();
    const tensor = await this.tensor(field);
    return isOne ? tensor.data[0]! : tensor;
  }

  #column({ columns, name, at }: Field): Hdf5Column {
    const column = columns.get(name);
    if (column) return column;
    throw this.fault({ at, expected: `a data set ${name}`, received: "none" });
  }

  #wrong(field: Field, expected: string): Error {
    const { shape, isText } = this.#column(field);
    const received = `${isText ? "texts" : "numbers"} of shape ${shown(shape)}`;
    return this.fault({ at: `${field.at}, ${field.name}`, expected, received });
  }
}
