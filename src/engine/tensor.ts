/** `Tensor`: a handle on one of libtorch's reference-counted tensors. */

import type { DType, TensorData } from "../arrays/index.js";
import { checkInteger, refuse } from "../checks/index.js";
import { DisposedTensorError, ShapeError } from "../errors.js";
import { checkHolds, dataOver, dtypeCode, dtypeOf, dtypeOfData } from "./dtype.js";
import { guarded, type Handle, native } from "./native.js";
import { adopt, type Scope, type Scoped } from "./scope.js";

// The net under the scopes: a handle that nobody disposed is freed some time after it became unreachable.
const net = new FinalizationRegistry<Handle>((handle) => native().release(handle));

const largestHandle = 2n ** 64n - 1n;

/**
 * A handle on one of libtorch's tensors. The innermost {@link scope} frees it, or its owner after {@link keep}. Disposing the
 * handle never breaks a backward pass: autograd holds its own references.
 *
 * @example
 * ```ts
 * import { scope, tensorFrom } from "snnseg";
 * import { mul, sum } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const x = tensorFrom(Float32Array.of(1, 2, 3), [3]).setRequiresGrad(true);
 *   sum(mul(x, x)).backward();
 *   console.log(x.shape, x.dtype, x.grad?.toNumbers()); // [3] float32 [2, 4, 6]
 * });
 * ```
 */
export class Tensor implements Scoped {
  /** @internal */
  owner: Scope | undefined;
  #handle: Handle | undefined;
  #shape: readonly number[] | undefined;

  /**
   * Wraps a handle that the addon just returned; use `tensorFrom` and the operators to make tensors.
   *
   * @param handle - of the addon; owned by this from now on
   * @throws OptionError for what cannot be a handle
   */
  constructor(handle: Handle) {
    if (typeof handle !== "bigint" || handle < 0n || handle > largestHandle)
      refuse("tensor", "handle", "one of the engine", handle, "use tensorFrom");
    this.#handle = handle;
    net.register(this, handle, this);
    adopt(this);
  }

  /** The native handle. @throws {@link DisposedTensorError} after disposal */
  get handle(): Handle {
    if (this.#handle === undefined) {
      throw new DisposedTensorError(
        "tensor: expected a live tensor, received one whose scope has ended; return it from the scope, or keep() it",
      );
    }
    return this.#handle;
  }

  /** Sizes, slowest axis first. */
  get shape(): readonly number[] {
    this.#shape ??= guarded((addon) => addon.shape(this.handle));
    return this.#shape;
  }

  /** Number of elements. */
  get numel(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** Element type. */
  get dtype(): DType {
    return dtypeOf(guarded((addon) => addon.dtype(this.handle)));
  }

  /** `cpu`, or `cuda:0` and so on. */
  get device(): string {
    return guarded((addon) => addon.device(this.handle));
  }

  /** Whether its scope has ended or `dispose` was called; every use but this one throws then. */
  get disposed(): boolean {
    return this.#handle === undefined;
  }

  /** The single element as a number. @throws OptionError if there are more, or none */
  item(): number {
    return guarded((addon) => addon.item(this.handle));
  }

  /** A copy of the elements in C order, in the typed array of the dtype; from any device. */
  toArray(): TensorData {
    return dataOver(
      guarded((addon) => addon.toBytes(this.handle)),
      this.dtype,
    );
  }

  /** A copy of the elements of a float32 tensor in C order. @throws ShapeError for another dtype */
  toFloat32Array(): Float32Array {
    const data = this.toArray();
    if (!(data instanceof Float32Array)) {
      throw new ShapeError(`toFloat32Array: expected float32, received ${this.dtype}; convert it first`);
    }
    return data;
  }

  /**
   * A copy of the elements in C order as plain numbers, for the few that a counter or a report reads.
   *
   * @throws ShapeError for float16 and bfloat16
   */
  toNumbers(): number[] {
    const data = this.toArray();
    if (data instanceof Uint16Array) {
      throw new ShapeError(
        `toNumbers: expected a dtype of 8, 32 or 64 bits, received ${this.dtype}; convert it first`,
      );
    }
    return Array.from<number | bigint, number>(data, Number);
  }

  /** Whether backward reaches it: a leaf that asked for its gradient, or computed from one. */
  get requiresGrad(): boolean {
    return guarded((addon) => addon.requiresGrad(this.handle));
  }

  /**
   * Asks autograd to collect this leaf's gradient, and returns this.
   *
   * @param value - false stops collecting
   * @throws NativeError for integers and booleans
   */
  setRequiresGrad(value: boolean): this {
    guarded((addon) => addon.setRequiresGrad(this.handle, value));
    return this;
  }

  /** The gradient that backward left here; a new handle at every call. */
  get grad(): Tensor | undefined {
    const handle = guarded((addon) => addon.grad(this.handle));
    return handle === undefined ? undefined : new Tensor(handle);
  }

  /** Frees the gradient. */
  clearGrad(): void {
    guarded((addon) => addon.clearGrad(this.handle));
  }

  /**
   * Back-propagates from this tensor: adds to the gradients of the leaves that it was computed from.
   *
   * @param gradient - of this tensor, of its shape; may be left out where it has one element (then 1)
   * @throws NativeError if it needs one, or nothing that leads here requires a gradient
   */
  backward(gradient?: Tensor): void {
    guarded((addon) => addon.backward(this.handle, gradient?.handle));
  }

  /** What a debugger or `console.log` shows: `Tensor float32 [2, 3] cpu`. */
  toString(): string {
    return this.disposed
      ? "Tensor (disposed)"
      : `Tensor ${this.dtype} [${this.shape.join(", ")}] ${this.device}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Frees the native tensor; harmless when done twice. */
  dispose(): void {
    if (this.#handle === undefined) return;
    native().release(this.#handle);
    this.#handle = undefined;
    net.unregister(this);
    this.owner?.members.delete(this);
    this.owner = undefined;
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * A tensor on the CPU from a typed array, with one copy.
 *
 * @param data - elements in C order; its type is that of the tensor
 * @param shape - sizes in C order; their product is the number of elements
 * @param dtype - of the array's elements; needed for 16-bit floats (raw words in a `Uint16Array`) and booleans (0 and 1
 *   in a `Uint8Array`). Values are never converted: `toDType` does that
 * @throws ShapeError if the shape does not fit the array, OptionError if the dtype does not
 * @example
 * ```ts
 * import { tensorFrom } from "snnseg";
 *
 * const picture = tensorFrom(new Float32Array(3 * 4 * 4), [1, 3, 4, 4]); // [N, C, H, W]
 * const labels = tensorFrom(BigInt64Array.of(0n, 1n, 1n, 255n), [1, 2, 2]); // [N, H, W] int64
 * console.log(String(picture), String(labels));
 * for (const tensor of [picture, labels]) tensor.dispose();
 * ```
 */
export function tensorFrom(
  data: TensorData,
  shape: readonly number[],
  dtype: DType = dtypeOfData(data),
): Tensor {
  checkHolds(data, dtype);
  for (const size of shape) checkInteger("tensorFrom", "each size", size, { least: 0 });
  const expected = shape.reduce((product, size) => product * size, 1);
  if (expected !== data.length) {
    throw new ShapeError(`tensorFrom: expected ${expected} elements for [${shape}], received ${data.length}`);
  }
  // The addon reads buffers of this thread only.
  const own = data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
  const { buffer, byteOffset, byteLength } = own;
  return new Tensor(
    guarded((addon) => addon.fromBytes(buffer, byteOffset, byteLength, dtypeCode(dtype), shape)),
  );
}

/** Number of native tensors alive in this thread, for tests of lifetimes. */
export function liveTensors(): number {
  return native().live();
}
