import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NativeError, OptionError, ShapeError } from "../errors.js";
import {
  add,
  call,
  conv2d,
  getThreads,
  liveTensors,
  mul,
  noGrad,
  ones,
  rand,
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
    expect(() => conv2d(a, b)).toThrow(/aten::conv2d/);
  });

  it("refuses wrong arguments without crashing", () => {
    const a = own(ones([2]));
    expect(() => tensorFrom(new Float32Array(3), [2, 2])).toThrow(ShapeError);
    expect(() => tensorFrom(new Float32Array(4), [-2, -2])).toThrow();
    expect(() => call("aten::no_such_operator", [])).toThrow(OptionError);
    expect(() => call("aten::add.Tensor", [a, 5 as never])).toThrow(/expected a tensor/);
    expect(() => call("aten::add.Tensor", [a])).toThrow(/other/);
    expect(() => own(toDType(a, "float64")).toFloat32Array()).toThrow(ShapeError);
    expect(() => a.item()).toThrow(/one element/);
  });

  it("sets the number of threads", () => {
    const threads = getThreads();
    setThreads(1);
    expect(getThreads()).toBe(1);
    setThreads(threads);
    expect(() => setThreads(0)).toThrow(OptionError);
  });
});
