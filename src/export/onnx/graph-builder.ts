/** A graph of ONNX operators as it grows: values by name, each name once. */
import { create } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./schema/onnx_pb.js";
import { type AttributeValue, attributeProto, type TensorValues, tensorProto } from "./tensors.js";

/** The name of a value in the graph. */
export type Value = string;

/** A size, the name of one that the caller chooses, or `undefined` for any. */
export type Dimension = number | string | undefined;

/** How a node is called, and what it is told. */
export interface NodeOptions {
  /** Begins the name of what it gives. */
  readonly name: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #constants = new Map<Value, TensorProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #taken = new Map<string, number>();

  /** Adds a node of one output. */
  node(opType: string, inputs: readonly Value[], options: NodeOptions): Value {
    return this.#add(opType, inputs, [this.#free(options.name)], options)[0]!;
  }

  /** Cuts `x` into equal parts along its first axis. */
  split(x: Value, parts: number, name: string): Value[] {
    const outputs = Array.from({ length: parts }, () => this.#free(name));
    return this.#add("Split", [x], outputs, { name, attributes: { axis: 0 } });
  }

  /** A constant under that name; the same one where it is there already. */
  constant(name: string, values: TensorValues, shape: readonly number[]): Value {
    const there = this.#constants.get(name);
    if (there !== undefined) return there.name;
    const proto = tensorProto(this.#free(name), values, shape);
    this.#constants.set(name, proto);
    return proto.name;
  }

  /** A float without axes. */
  scalar(value: number): Value {
    return this.constant(`scalar(${value})`, Float32Array.of(value), []);
  }

  /** A list of integers. */
  integers(values: readonly number[]): Value {
    return this.constant(`integers(${values})`, BigInt64Array.from(values, BigInt), [values.length]);
  }

  input(name: string, dimensions: readonly Dimension[], type: DataType = DataType.FLOAT): Value {
    this.#inputs.push(valueInfo(this.#free(name), dimensions, type));
    return name;
  }

  /** Gives a value to the outside under a name of its own. */
  output(name: string, value: Value, dimensions: readonly Dimension[]): void {
    this.#add("Identity", [value], [this.#free(name)], { name });
    this.#outputs.push(valueInfo(name, dimensions, DataType.FLOAT));
  }

  /** Without constants that no node reads. */
  build(name: string): GraphProto {
    const read = new Set(this.#nodes.flatMap(({ input }) => input));
    const initializer = [...this.#constants.values()].filter((constant) => read.has(constant.name));
    return create(GraphProtoSchema, {
      ...{ name, node: this.#nodes, initializer },
      ...{ input: this.#inputs, output: this.#outputs },
    });
  }

  #add(
    opType: string,
    input: readonly Value[],
    output: Value[],
    { name, attributes = {} }: NodeOptions,
  ): Value[] {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    const fields = { name: this.#free(`${name}/${opType}`), opType, input: [...input], output, attribute };
    this.#nodes.push(create(NodeProtoSchema, fields));
    return output;
  }

  /** The name, or with a number behind it where that is taken. */
  #free(name: string): string {
    const before = this.#taken.get(name) ?? 0;
    this.#taken.set(name, before + 1);
    return before === 0 ? name : this.#free(`${name}.${before}`);
  }
}

function valueInfo(name: string, dimensions: readonly Dimension[], elemType: DataType): ValueInfoProto {
  const shape = { dim: dimensions.map(dimension) };
  const type = { value: { case: "tensorType", value: { elemType, shape } } } as const;
  return create(ValueInfoProtoSchema, { name, type });
}

function dimension(size: Dimension): TensorShapeProto_Dimension {
  if (size === undefined) return create(TensorShapeProto_DimensionSchema);
  const value =
    typeof size === "number"
      ? ({ case: "dimValue", value: BigInt(size) } as const)
      : ({ case: "dimParam", value: size } as const);
  return create(TensorShapeProto_DimensionSchema, { value });
}
