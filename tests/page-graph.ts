/**
 * A page's network as a graph of ONNX: the same integers, the same operations in the same order, so that another runtime gives the
 * same bits wherever its products and sums are exact or single operations of float32.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { GraphBuilder, type Value } from "../src/export/onnx/graph-builder.js";
import { TensorProto_DataType as DataType, ModelProtoSchema } from "../src/export/onnx/schema/onnx_pb.js";
import { betweenTable } from "../src/web/between.js";
import { mapSizes } from "../src/web/map-sizes.js";
import type { ConvStep, FireStep, WebModel, WebStep } from "../src/web/model.js";

/** The file of a network at its own size: `image` `[1, C, H, W]` to `sums` of scores over the timesteps, `[1, K, H, W]`. */
export function pageGraph(model: WebModel): Uint8Array {
  return new PageGraph(model).bytes();
}

class PageGraph {
  readonly #model: WebModel;
  readonly #graph = new GraphBuilder();
  readonly #sizes: ReturnType<typeof mapSizes>;
  readonly #maps = new Map<number, Value>();
  readonly #membranes = new Map<string, Value>();

  constructor(model: WebModel) {
    this.#model = model;
    this.#sizes = mapSizes(model.steps, model.description.input.size);
  }

  bytes(): Uint8Array {
    const { maps, steps, scores, grid, description } = this.#model;
    const { timesteps, classes, input } = description;
    const image = this.#graph.input("image", [1, maps[0]!.channels, ...input.size]);
    this.#maps.set(0, grid ? this.#onGrid(image, grid) : image);
    let sum: Value | undefined;
    for (let t = 0; t < timesteps; t++) {
      for (const step of steps) {
        if (t === 0 || step.from !== 0) this.#maps.set(step.to, this.#step(step, t));
      }
      const map = this.#maps.get(scores.map)!;
      sum = sum === undefined ? map : this.#node("Add", sum, map);
    }
    const resized = this.#resized(sum!, {
      from: this.#sizes[scores.map]!,
      to: input.size,
      alignCorners: scores.alignCorners,
    });
    this.#graph.output("sums", resized, [1, classes.length, ...input.size]);
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        opsetImport: [{ domain: "", version: 17n }],
        ...{ producerName: "snnseg", graph: this.#graph.build("page") },
      }),
    );
  }

  #step(step: WebStep, t: number): Value {
    const x = this.#maps.get(step.from)!;
    const { channels } = this.#model.maps[step.to]!;
    switch (step.kind) {
      case "conv":
        return this.#conv(x, step);
      case "affine":
        return this.#affine(x, step.affine, t);
      case "fire":
        return this.#fire(this.#affine(x, step.affine, t), step);
      case "pool": {
        const ones = this.#whole("ones", new Int32Array(9 * channels).fill(1), [channels, 1, 3, 3]);
        const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [step.stride, step.stride] };
        return this.#graph.node("Conv", [x, ones], {
          name: "pool",
          attributes: { ...attributes, group: channels },
        });
      }
      case "values":
        return this.#node("Mul", x, this.#row(this.#floats(step.worth)!));
      case "add":
        return this.#node("Add", x, this.#maps.get(step.other)!);
      case "concat": {
        const other = this.#maps.get(step.other)!;
        return this.#graph.node("Concat", [x, other], { name: "concat", attributes: { axis: 1 } });
      }
      case "resize":
        return this.#resized(x, {
          from: this.#sizes[step.from]!,
          to: this.#sizes[step.like]!,
          alignCorners: step.alignCorners,
        });
      default:
        throw new Error(
          `a step of the kind ${step.kind} has sums of floats, whose order is each runtime's own`,
        );
    }
  }

  #conv(x: Value, { name, kernelSize, stride, dilation, padding, depthwise, most, from }: ConvStep): Value {
    if (most === 0 && (from !== 0 || this.#model.grid === undefined)) {
      throw new Error(`${name} adds up floats, whose order is each runtime's own`);
    }
    const { shape, data } = this.#model.arrays.get(`${name}.weight`)!;
    const weight = this.#whole(name, Int32Array.from(data as Int8Array | Float32Array), shape);
    const attributes = {
      kernel_shape: [kernelSize, kernelSize],
      pads: [padding, padding, padding, padding],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      group: depthwise ? shape[0]! : 1,
    };
    return this.#graph.node("Conv", [x, weight], { name, attributes });
  }

  /** Weights that no optimiser multiplies with what follows. */
  #whole(name: string, integers: Int32Array, shape: readonly number[]): Value {
    const constant = this.#graph.constant(`${name}(${shape})`, integers, shape);
    return this.#graph.node("DequantizeLinear", [constant, this.#graph.scalar(1)], {
      name: `${name}.weight`,
    });
  }

  #onGrid(x: Value, { step, most }: NonNullable<WebModel["grid"]>): Value {
    const scaled = this.#node("Mul", x, this.#graph.scalar(1 / step));
    const bounds = [this.#graph.scalar(-most), this.#graph.scalar(most)];
    return this.#node("Round", this.#node("Clip", scaled, ...bounds));
  }

  #affine(x: Value, name: string | undefined, t: number): Value {
    const row = (part: string) => {
      const rows = this.#floats(`${name}.${part}`);
      if (rows === undefined) return undefined;
      const [count = 1, width = 1] = this.#model.arrays.get(`${name}.${part}`)!.shape;
      const first = Math.min(t, count - 1) * width;
      return this.#row(rows.subarray(first, first + width));
    };
    const [scale, shift] = [row("scale"), row("shift")];
    const scaled = scale === undefined ? x : this.#node("Mul", x, scale);
    return shift === undefined ? scaled : this.#node("Add", scaled, shift);
  }

  #fire(current: Value, { name, leak, levels, reset, initialMembrane }: FireStep): Value {
    const { shape, data } = this.#model.arrays.get(`${name}.threshold`)!;
    const trained = data as Float32Array;
    const rows = shape.length === 3 ? shape : [trained.length, 1, 1];
    const theta = this.#graph.constant(`${name}.threshold`, trained, rows);
    const charge = () =>
      this.#graph.constant(
        `${name}.charge`,
        trained.map((value) => initialMembrane * value),
        rows,
      );
    const v = this.#membranes.get(name) ?? (initialMembrane === 0 ? undefined : charge());
    const u =
      v === undefined ? current : this.#node("Add", this.#node("Mul", v, this.#graph.scalar(leak)), current);
    const k =
      levels === 0 ? this.#float("Greater", u, theta) : this.#levelOf(this.#node("Div", u, theta), levels);
    const left =
      reset === "hard"
        ? this.#node("Mul", u, this.#node("Sub", this.#graph.scalar(1), k))
        : this.#node("Sub", u, this.#node("Mul", theta, k));
    this.#membranes.set(name, left);
    return k;
  }

  #levelOf(ratio: Value, levels: number): Value {
    const clipped = this.#node("Clip", ratio, this.#graph.scalar(0), this.#graph.scalar(levels));
    const floor = this.#node("Floor", clipped);
    return this.#node(
      "Add",
      floor,
      this.#float("GreaterOrEqual", this.#node("Sub", clipped, floor), this.#graph.scalar(0.5)),
    );
  }

  #resized(
    x: Value,
    { from, to, alignCorners }: Record<"from" | "to", readonly number[]> & { readonly alignCorners: boolean },
  ): Value {
    if (from.join() === to.join()) return x;
    return [3, 2].reduce(
      (y, axis) => this.#between(y, axis, betweenTable(from[axis - 2]!, to[axis - 2]!, alignCorners)),
      x,
    );
  }

  /** rest·low + share·high along an axis. */
  #between(x: Value, axis: number, table: Int32Array): Value {
    const shares = new Float32Array(table.buffer);
    const target = table.length / 3;
    const each = (part: number) => Array.from({ length: target }, (_, i) => 3 * i + part);
    const at = (part: number) => this.#graph.integers(each(part).map((i) => table[i]!));
    const share = Float32Array.from(each(2), (i) => shares[i]!);
    const picked = (part: number, weights: Float32Array) => {
      const values = this.#graph.node("Gather", [x, at(part)], { name: "between", attributes: { axis } });
      const shape = axis === 3 ? [target] : [target, 1];
      return this.#node(
        "Mul",
        values,
        this.#graph.constant(`shares(${axis},${part},${weights})`, weights, shape),
      );
    };
    return this.#node(
      "Add",
      picked(
        0,
        share.map((s) => 1 - s),
      ),
      picked(1, share),
    );
  }

  #row(values: Float32Array): Value {
    return this.#graph.constant(`row(${values})`, values, [values.length, 1, 1]);
  }

  #floats(name: string): Float32Array | undefined {
    return this.#model.arrays.get(name)?.data as Float32Array | undefined;
  }

  #float(opType: string, a: Value, b: Value): Value {
    return this.#graph.node("Cast", [this.#node(opType, a, b)], {
      name: "float",
      attributes: { to: DataType.FLOAT },
    });
  }

  #node(opType: string, ...inputs: readonly Value[]): Value {
    return this.#graph.node(opType, inputs, { name: opType });
  }
}
