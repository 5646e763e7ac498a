/** Nodes of a file: groups with a `type` and the fields that belong to it. */
import { nearestName } from "../../checks/index.js";
import { type FieldKind, fileName, type LeafNode, type LeafType, nirFields } from "./nir-fields.js";
import type { NirGraph, NirNode, NirTensor } from "./nir-graph.js";
import type { Field, NirValues, Position } from "./nir-values.js";
import { filled } from "./tensors.js";

/** Far above any network's. */
const mostNodes = 10_000;

/** A group whose data sets are known. */
type Columns = Pick<Field, "columns">;
type Place = Pick<Field, "columns" | "at">;

/** Reads the nodes of one file. */
export class NodeReader {
  readonly #values: NirValues;
  #nodes = 0;

  constructor(values: NirValues) {
    this.#values = values;
  }

  /** @param path - of the node's group */
  async node(path: string, position: Position): Promise<NirNode> {
    const { at, depth } = position;
    const { groups, columns } = await this.#values.members(path, position);
    if (++this.#nodes > mostNodes) {
      throw this.#values.fault({ at, expected: `at most ${mostNodes} nodes`, received: "more" });
    }
    const type = await this.#values.text({ columns, name: "type", at });
    const isGraph = type === "NIRGraph";
    if (!isGraph && !Object.hasOwn(nirFields, type)) {
      const types = [...Object.keys(nirFields), "NIRGraph"];
      const near = nearestName(type, types);
      throw this.#values.fault({
        ...{ at, expected: `a node of NIR (${types.join(", ")})`, received: `type ${type}` },
        nextStep: near ? `did you mean ${near}?` : "export the network with these nodes alone",
      });
    }
    const fields = isGraph ? ["edges"] : Object.keys(nirFields[type as LeafType]).map(fileName);
    const strange = [
      ...[...columns.keys()].filter((name) => name !== "type" && !fields.includes(name)),
      ...groups.filter((name) => name !== "metadata" && !(isGraph && name === "nodes")),
    ];
    if (strange.length > 0) {
      const expected = `${type} with ${fields.join(", ")}${isGraph ? ", nodes" : ""} and metadata alone`;
      throw this.#values.fault({ at, expected, received: strange.join(", ") });
    }
    const metadata = groups.includes("metadata") && {
      metadata: await this.#values.metadata(`${path}/metadata`, { at, depth: depth + 1 }),
    };
    const node = isGraph
      ? await this.#graph(path, { ...position, columns })
      : await this.#leaf({ at, type: type as LeafType, columns });
    return metadata ? { ...node, ...metadata } : node;
  }

  async #graph(path: string, { at, depth, columns }: Position & Columns): Promise<NirGraph> {
    const inner = { at, depth: depth + 1 };
    const { groups, columns: strays } = await this.#values.members(`${path}/nodes`, inner);
    const [stray] = strays.keys();
    if (stray !== undefined) {
      throw this.#values.fault({ at, expected: "nodes that are groups", received: `${stray}, a data set` });
    }
    const nodes = new Map<string, NirNode>();
    for (const name of groups) {
      const where = { at: depth === 0 ? `node ${name}` : `${at}/${name}`, depth: depth + 2 };
      nodes.set(name, await this.node(`${path}/nodes/${name}`, where));
    }
    const { shape, texts } = await this.#values.texts({ columns, name: "edges", at });
    if (texts.length > 0 && (shape.length !== 2 || shape[1] !== 2)) {
      throw this.#values.fault({ at, expected: "edges of two names", received: `edges of shape [${shape}]` });
    }
    const edges = Array.from(
      { length: texts.length / 2 },
      (_, i) => [texts[2 * i]!, texts[2 * i + 1]!] as const,
    );
    return { type: "NIRGraph", nodes, edges };
  }

  async #leaf({ at, type, columns }: { readonly type: LeafType } & Place): Promise<LeafNode> {
    const entries: [string, unknown][] = [];
    for (const [name, kind] of Object.entries(nirFields[type]) as [string, FieldKind][]) {
      const field = { columns, name: fileName(name), at };
      const isAbsent = kind.endsWith("?") && !columns.has(field.name);
      if (!isAbsent) entries.push([name, await this.#field(field, kind)]);
    }
    const fields: Record<string, unknown> = Object.fromEntries(entries);
    // The reference's own values for what a file leaves out.
    const { vThreshold, vLeak } = fields as { readonly [field: string]: NirTensor };
    if (vThreshold && fields.vReset === undefined) fields.vReset = filled(vThreshold.shape, 0);
    if (type.startsWith("Cuba") && fields.wIn === undefined) fields.wIn = filled(vLeak!.shape, 1);
    // Every field of the type is there, of its kind.
    return { type, ...fields } as unknown as LeafNode;
  }

  async #field(field: Field, kind: FieldKind): Promise<unknown> {
    if (kind.startsWith("tensor")) return await this.#values.tensor(field);
    const value = await this.#values.wordOrIntegers(field);
    const wrong = (expected: string) =>
      this.#values.fault({
        ...{ at: `${field.at}, ${field.name}`, expected },
        received: typeof value === "string" ? value : `[${value.join(", ")}]`,
      });
    if (typeof value === "string") {
      if (kind.startsWith("padding") && (value === "same" || value === "valid")) return value;
      throw wrong(kind.startsWith("padding") ? "same, valid or integers" : "integers");
    }
    switch (kind) {
      case "shape":
      case "shape?":
        if (value.every((edge) => edge >= 1)) return value;
        throw wrong("axes of 1 or more");
      case "integer":
      case "integer?":
      case "padding1":
        if (value.length === 1) return value[0];
        throw wrong("one integer");
      default:
        if (value.length === 1) return [value[0], value[0]];
        if (value.length === 2) return value;
        throw wrong("two integers, or one for both");
    }
  }
}
