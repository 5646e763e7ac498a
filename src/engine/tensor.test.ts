import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NativeError, OptionError, ShapeError } from "../errors.js";
import {
  add,
  call,
  conv2d,
  getThreads,
  hasCuda,
  liveTensors,
  mul,
  noGrad,
  ones,
  rand,
  randn,
  setThreads,
  sum,
  type Tensor,
  tensorFrom,
  toDType,
} from "./index.js";

describe("tensors", () => {
  let before = 0;
  const made: Tensor[] = [];
  const own = <T extends Tensor>(x: T): T => {
    made.push(x);
    return x;
  };
  beforeEach(() => {
    before = liveTensors();
  });
  afterEach(() => {
    for (const tensor of made.splice(0)) tensor.dispose();
    expect(liveTensors()).toBe(before);
  });

  it.each([
    ["float32", new Float32Array([1.5, -2, 0, 3])],
    ["float64", new Float64Array([1.5, -2, 0, 1e300])],
    ["uint8", new Uint8Array([0, 1, 254, 255])],
    ["int16", new Int16Array([-3, 2, 1, 0])],
    ["int32", new Int32Array([-(2 ** 31), 2, 1, 0])],
    ["int64", new BigInt64Array([-(2n ** 62n), 2n, 1n, 0n])],
  ] as const)("carry %s in and out unchanged", (dtype, data) => {
    const x = own(tensorFrom(data, [2, 2]));
    expect(x.dtype).toBe(dtype);
    expect(x.shape).toEqual([2, 2]);
    expect(x.toArray()).toEqual(data);
  });

  it("reads a view of a larger buffer, and strided tensors in C order", () => {
    const base = new Float32Array([9, 1, 2, 3, 4, 5, 6, 9]);
    const x = own(tensorFrom(base.subarray(1, 7), [2, 3]));
    const transposed = own(call("aten::t", [x]));
    expect([...transposed.toFloat32Array()]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("differentiates: d(Σ x²·3)/dx = 6x", () => {
    const x = own(tensorFrom(new Float32Array([1, 2, -3]), [3])).setRequiresGrad(true);
    const loss = own(sum(own(mul(own(mul(x, x)), 3))));
    loss.backward();
    expect([...own(x.grad!).toFloat32Array()]).toEqual([6, 12, -18]);
    x.clearGrad();
    expect(x.grad).toBeUndefined();
    noGrad(() => {
      expect(own(mul(x, 2)).requiresGrad).toBe(false);
    });
  });

  it("gives the same random numbers for the same seed only", () => {
    const a = own(rand([100], 7)).toFloat32Array();
    expect(own(rand([100], 7)).toFloat32Array()).toEqual(a);
    expect(own(rand([100], 8)).toFloat32Array()).not.toEqual(a);
  });

  it("names operation and shapes when libtorch refuses", () => {
    const a = own(ones([2, 3]));
    const b = own(ones([4]));
    expect(() => add(a, b)).toThrow(NativeError);
    expect(() => add(a, b)).toThrow(/aten::add.*\[2, 3\].*\[4\]/);
    const [image, weight] = [own(ones([1, 2, 3, 3])), own(ones([1, 3, 3, 3]))];
    expect(() => conv2d(image, weight)).toThrow(/aten::conv2d.*\[1, 2, 3, 3\]/);
  });

  it("refuses wrong arguments without crashing", () => {
    const a = own(ones([2]));
    expect(() => tensorFrom(new Float32Array(3), [2, 2])).toThrow(ShapeError);
    expect(() => tensorFrom(new Float32Array(4), [-2, -2])).toThrow();
    expect(() => tensorFrom(new Float32Array(1), [Number.NaN])).toThrow("each size to be an integer of 0");
    expect(() => call("aten::no_such_operator", [])).toThrow(OptionError);
    expect(() => call("aten::add.Tensor", [a, 5 as never])).toThrow(/expected a tensor/);
    expect(() => call("aten::add.Tensor", [a])).toThrow(/other/);
    expect(() => own(toDType(a, "float64")).toFloat32Array()).toThrow(ShapeError);
    expect(() => a.item()).toThrow(/one element/);
  });

  it("takes arrays of the dtype's own type only: bits are never read as another type's", () => {
    const float = new Float32Array([1.5]);
    expect(() => tensorFrom(float, [1], "int32")).toThrow(
      "tensorFrom: expected data to be Int32Array for int32, received a Float32Array; toDType converts",
    );
    expect(() => tensorFrom(float, [1], "float" as never)).toThrow(
      /expected dtype to be one of uint8.*"float"/,
    );
    expect(() => ones([1], { dtype: "float" as never })).toThrow(OptionError);
    expect(() => tensorFrom(new Uint8Array([0, 2]), [2], "bool")).toThrow("0 or 1, received 2");
    expect(() => tensorFrom(new Uint16Array(1), [1])).toThrow(/float16 or bfloat16/);
    expect(() => tensorFrom(new Uint16Array(1), [1], "int16")).toThrow(/Int16Array/);
    expect(() => tensorFrom([1, 2] as never, [2])).toThrow(OptionError);
    expect([...own(tensorFrom(new Uint8Array([0, 1]), [2], "bool")).toArray()]).toEqual([0, 1]);
    const shared = new Float32Array(new SharedArrayBuffer(8), 4).fill(3);
    expect(own(tensorFrom(shared, [1])).item()).toBe(3);
    expect(own(tensorFrom(new Uint16Array([0x3f80]), [1], "bfloat16")).item()).toBe(1);
  });

  it("refuses seeds that are none, which would silently be other seeds", () => {
    for (const seed of [Number.NaN, 0.9, -1, 2 ** 53, undefined as never]) {
      expect(() => rand([2], seed)).toThrow(/^rand: expected seed to be an integer of 0 or more, received/);
      expect(() => randn([2], seed)).toThrow(OptionError);
      expect(() => call("aten::rand.generator", [[2], { seed }])).toThrow(OptionError);
    }
    expect(own(rand([2], 2 ** 53 - 1)).shape).toEqual([2]);
  });

  it("says in one sentence that it cannot compute on a device", () => {
    for (const device of ["cude", "meta", "cuda:", "cuda:x", "cpu:0"]) {
      expect(() => ones([1], { device })).toThrow(OptionError);
    }
    if (hasCuda()) return;
    for (const make of [ones, (shape: number[], options: object) => rand(shape, 1, options)]) {
      expect(() => make([1], { device: "cuda" })).toThrow(
        /^device: expected one that can be used here, received cuda, but .*; use cpu$/,
      );
    }
  });

  it("sets the number of threads", () => {
    const threads = getThreads();
    setThreads(1);
    expect(getThreads()).toBe(1);
    setThreads(threads);
    expect(() => setThreads(0)).toThrow(OptionError);
  });
});
