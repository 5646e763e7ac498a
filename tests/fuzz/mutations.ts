/** What may be wrong with an argument: shape, strides, type, values, kind; and arguments made from a schema alone. */
import {
  carrier,
  constant,
  isTensor,
  list,
  normal,
  positive,
  type Source,
  type TensorSource,
  whole,
  words,
} from "./source.js";
import type { randomOf } from "./valid-calls.js";

type Random = ReturnType<typeof randomOf>;

const dtypes = [
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "float32",
  "float64",
  "bool",
  "bfloat16",
];
const integers = [
  ...[
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    16,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    4096,
    32767,
    32768,
    32769,
    2 ** 20 + 1,
    2 ** 30,
    2 ** 31 - 1,
  ],
  ...[2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53 - 1, -1, -2, -3, -64, -(2 ** 31), -(2 ** 53 - 1)],
].map(String);
const numbers = [
  "0",
  "-0",
  "1",
  "-1",
  "0.5",
  "2",
  "1e-40",
  "1e-300",
  "1e30",
  "1e300",
  "-1e300",
  "NaN",
  "Infinity",
  "-Infinity",
];
const oddities = [
  "null",
  "undefined",
  '"text"',
  "[]",
  "[1, 2]",
  "[null]",
  "{}",
  "true",
  "false",
  "3",
  "-1",
  "0.5",
  "123n",
  "-1n",
  "2n ** 70n",
];
/** Values that fill a whole tensor. */
const values = ["NaN", "Infinity", "-Infinity", "0", "-1", "-128", "1e38", "1e-40", "127", "128"];
/** Longer than any memory, so that asking for it fails at once. */
const endless = [2 ** 42, 2 ** 52, 2 ** 62].map((size) => BigInt(size).toString());
const mostElements = 1 << 18;

const change = (source: TensorSource, step: (made: string) => string): TensorSource => ({
  ...source,
  changes: [...(source.changes ?? []), step],
});

/** A shape with one axis, or their number or order, changed. */
function otherShape(r: Random, shape: readonly number[]): number[] {
  const axis = r.draws.integer(Math.max(1, shape.length));
  const size = shape[axis] ?? 1;
  const sizes = [0, 1, 2, 3, 5, 64, 65, size + 1, Math.max(0, size - 1), 2 * size];
  const changed = r.pick<() => number[]>([
    () => shape.map((old, i) => (i === axis ? r.pick(sizes) : old)),
    () => shape.map((old, i) => (i === axis ? 0 : old)),
    () => shape.filter((_, i) => i !== axis),
    () => [...shape.slice(0, axis), 1, ...shape.slice(axis)],
    () => [...shape].reverse(),
    () => [shape.reduce((product, each) => product * each, 1)],
    () => Array.from({ length: r.size(0, 6) }, () => r.pick([0, 1, 2, 3, 8])),
  ])();
  return changed.reduce((product, each) => product * each, 1) > mostElements ? [...shape] : changed;
}

/** The same values with other strides; some of another shape or with overlaps. */
function otherStrides(r: Random, { shape }: TensorSource): (made: string) => string {
  const axis = r.draws.integer(Math.max(1, shape.length));
  const size = shape[axis] ?? 1;
  const op = (name: string, ...args: readonly unknown[]) => `call("aten::${name}", [${args.join(", ")}])`;
  return r.pick<(x: string) => string>([
    (x) => op("transpose.int", op("contiguous", op("transpose.int", x, 0, -1)), 0, -1),
    (x) => op("transpose.int", x, 0, -1),
    (x) => op("expand", op("narrow", x, axis, 0, 1), list(shape)),
    (x) => op("narrow", op("cat", `[${x}, ${x}]`, axis), axis, 0, size),
    (x) => op("narrow", op("cat", `[${x}, ${x}]`, axis), axis, 1, size),
    (x) => op("slice.Tensor", op("repeat_interleave.self_int", x, 2, axis), axis, 0, 2 * size, 2),
    (x) => op("contiguous", x, 2),
    (x) => op("as_strided", x, list(shape), list(shape.map(() => 1)), 0),
    (x) => op("as_strided", x, list(shape), list(shape.map(() => 0)), 0),
    (x) =>
      op(
        "expand",
        op("reshape", op("narrow", op("flatten.using_ints", x), 0, 0, 1), list(shape.map(() => 1))),
        list(shape.map((old, i) => (i === axis ? r.pick(endless) : old))),
      ),
    (x) => op("squeeze", x),
  ]);
}

/** Tensors that are no plain memory on the CPU, or no tensor any more. */
function otherKind(r: Random, { shape }: TensorSource): (made: string) => string {
  return r.pick<(x: string) => string>([
    () => `zeros(${list(shape)}, { device: "meta" })`,
    // Copied, since looking for values in an endless view would take libtorch for ever.
    (x) => `call("aten::to_sparse", [call("aten::contiguous", [${x}])])`,
    (x) => `call("aten::_neg_view", [${x}])`,
    () => `call("aten::_efficientzerotensor", [${list(shape)}, 6, null, "cpu"])`,
    (x) => `call("aten::to_mkldnn", [${x}])`,
    (x) => `call("aten::to.dtype", [${x}, 9])`,
    (x) => `call("aten::quantize_per_tensor", [${x}, 0.1, 0, 12])`,
    (x) => `(() => { const x = ${x}; x.dispose(); return x; })()`,
    () => `call("snnseg::pack_conv", [randn([3, 3, 3, 3], 1), 4, 4, 1, 1, 0, false, 1])`,
  ]);
}

export function mutatedTensor(r: Random, source: TensorSource): Source {
  const { shape } = source;
  return r.pick<() => Source>([
    () => ({ ...source, shape: otherShape(r, shape) }),
    () => ({ ...source, shape: otherShape(r, shape) }),
    () => {
      const dtype = r.pick(dtypes);
      return change(source, (x) => `toDType(${x}, "${dtype}")`);
    },
    () => change(source, otherStrides(r, source)),
    () => change(source, otherStrides(r, source)),
    () => ({ ...source, fill: constant(r.pick(values), r.pick(["float32", "float32", "int8", "int64"])) }),
    () => change(source, otherKind(r, source)),
    () => ({ ...source, asks: !source.asks }),
    () => r.pick(oddities),
  ])();
}

/** A tensor of any kind. */
function anyTensor(r: Random): TensorSource {
  const shape = Array.from({ length: r.size(0, 6) }, () => r.pick([0, 1, 2, 3, 4, 64]));
  const small = shape.reduce((product, size) => product * size, 1) <= mostElements ? shape : [2, 3];
  const fill = r.pick([normal, positive, whole, words, () => carrier])(r.seed());
  return { shape: small, fill, asks: r.draws.chance(0.1) };
}

/** An argument of a schema's type. */
export function fromSchema(r: Random, type: string): Source {
  if (type.endsWith("?")) return r.flag() ? "null" : fromSchema(r, type.slice(0, -1));
  switch (type) {
    case "Tensor":
      return anyTensor(r);
    case "Tensor[]":
      return Array.from({ length: r.size(0, 3) }, () => anyTensor(r));
    case "int":
      return r.pick(integers);
    case "float":
      return r.pick(numbers);
    case "bool":
      return String(r.flag());
    default:
      return r.pick(oddities);
  }
}

/** Something else in the place of an argument that fits. */
export function mutated(r: Random, source: Source, type: string): Source {
  if (r.draws.chance(0.1)) return r.pick(oddities);
  if (typeof source === "string" || r.draws.chance(0.1)) return fromSchema(r, type);
  if (isTensor(source)) return mutatedTensor(r, source);
  const at = r.draws.integer(Math.max(1, source.length));
  const other = source[at] === undefined ? anyTensor(r) : mutatedTensor(r, source[at]);
  return r.pick<() => Source>([
    () => source.slice(1),
    () => [...source, anyTensor(r)],
    () => [...source, ...source],
    () =>
      typeof other === "string"
        ? `[${other}]`
        : source.map((each, i) => (i === at ? (other as TensorSource) : each)),
    () =>
      typeof other === "string"
        ? other
        : source.map((each, i) => (i === at ? (other as TensorSource) : each)),
  ])();
}

/** The gradient handed to a result `y`: right, of other strides, of another type or shape, or of another kind. */
export function gradientText(r: Random, valid: boolean): string {
  const like = 'detach(call("aten::randn_like", [y]))';
  if (valid || r.flag()) return r.pick([like, 'call("aten::ones_like", [detach(y)])']);
  return r.pick([
    'call("aten::expand", [call("aten::to.dtype", [ones([1]), 6]), y.shape])',
    `call("aten::transpose.int", [call("aten::contiguous", [call("aten::transpose.int", [${like}, 0, -1])]), 0, -1])`,
    `call("aten::transpose.int", [${like}, 0, -1])`,
    `call("aten::to.dtype", [${like}, ${r.pick([5, 6, 7, 15, 9, 4])}])`,
    `call("aten::_neg_view", [${like}])`,
    `call("aten::to_sparse", [${like}])`,
    'call("aten::_efficientzerotensor", [y.shape, 6, null, "cpu"])',
    'zeros(y.shape, { device: "meta" })',
    `mul(${like}, ${r.pick(["NaN", "Infinity", "1e38"])})`,
    "ones([])",
    "ones([2, 3])",
    "ones([0])",
    "undefined",
  ]);
}
