/**
 * Writes values as pickles of protocol 2, with only those instructions that PyTorch's restricted loader
 * (`weights_only=True`) has understood since it exists: memo-less, dicts as they are or as OrderedDict.
 * Floats are the exception: that loader reads them only since PyTorch 2; a state dict holds none.
 */
import type { NamedArray } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { isTensor, type PickleKey, type PickleValue } from "./pickle-value.js";
import { storageName } from "./torch-storage.js";

/** Largest nesting written; deeper values are an accident. */
const deepest = 100;

/** Collects the bytes of one pickle, and the tensors it refers to. */
class PickleWriter {
  readonly storages: NamedArray[] = [];
  readonly #pieces: Uint8Array[] = [];

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pieces));
  }

  code(...bytes: number[]): void {
    this.#pieces.push(Uint8Array.from(bytes));
  }

  value(value: PickleValue, depth = 0): void {
    if (depth > deepest)
      throw new OptionError("write .pth: expected plain data, received values nested too deep");
    if (value === null) this.code(0x4e);
    else if (typeof value === "boolean") this.code(value ? 0x88 : 0x89);
    else if (typeof value === "bigint") this.integer(value);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(value);
    else if (value instanceof Map) this.dict(value, depth);
    else if (value instanceof Uint8Array)
      throw new OptionError("write .pth: expected texts, received bytes; use a tensor");
    else if (isTensor(value)) this.tensor(value);
    else this.list(value, depth);
  }

  number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.integer(BigInt(value));
      return;
    }
    const bytes = Buffer.alloc(9, 0x47);
    bytes.writeDoubleBE(value, 1);
    this.#pieces.push(bytes);
  }

  integer(value: bigint): void {
    if (value === BigInt.asIntN(32, value)) {
      const bytes = Buffer.alloc(5, 0x4a);
      bytes.writeInt32LE(Number(value), 1);
      this.#pieces.push(bytes);
      return;
    }
    const digits: number[] = [];
    for (
      let rest = value;
      digits.length === 0 || BigInt.asIntN(8 * digits.length, value) !== value;
      rest >>= 8n
    ) {
      digits.push(Number(rest & 255n));
    }
    this.code(0x8a, digits.length, ...digits);
  }

  text(value: string): void {
    const content = Buffer.from(value, "utf8");
    const head = Buffer.alloc(5, 0x58);
    head.writeUInt32LE(content.length, 1);
    this.#pieces.push(head, content);
  }

  name(module: string, name: string): void {
    this.#pieces.push(Buffer.from(`c${module}\n${name}\n`, "latin1"));
  }

  list(items: readonly PickleValue[], depth: number): void {
    this.code(0x5d, 0x28);
    for (const item of items) this.value(item, depth + 1);
    this.code(0x65);
  }

  /** OrderedDict, as PyTorch's own state dicts are. */
  dict(entries: ReadonlyMap<PickleKey, PickleValue>, depth: number): void {
    this.name("collections", "OrderedDict");
    this.code(0x29, 0x52, 0x28);
    for (const [key, item] of entries) {
      this.value(key);
      this.value(item, depth + 1);
    }
    this.code(0x75);
  }

  counts(values: readonly number[]): void {
    this.code(0x28);
    for (const value of values) this.number(value);
    this.code(0x74);
  }

  /** `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`. */
  tensor(array: NamedArray): void {
    const key = `${this.storages.push(array) - 1}`;
    this.name("torch._utils", "_rebuild_tensor_v2");
    this.code(0x28, 0x28);
    this.text("storage");
    this.name("torch", storageName(array.dtype));
    this.text(key);
    this.text("cpu");
    this.number(array.data.length);
    this.code(0x74, 0x51);
    this.number(0);
    this.counts(array.shape);
    this.counts(stridesOf(array.shape));
    this.code(0x89);
    this.name("collections", "OrderedDict");
    this.code(0x29, 0x52, 0x74, 0x52);
  }
}

/** Strides of C order, in elements. */
function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const side of shape.toReversed()) {
    strides.unshift(step);
    step *= Math.max(1, side);
  }
  return strides;
}

/**
 * A pickle, and the arrays that its storages `0`, `1`, … refer to.
 *
 * @throws OptionError for what such a file should not hold (bytes, endless nesting)
 */
export function writePickle(value: PickleValue): {
  readonly pickle: Uint8Array;
  readonly storages: readonly NamedArray[];
} {
  const writer = new PickleWriter();
  writer.code(0x80, 2);
  writer.value(value);
  writer.code(0x2e);
  return { pickle: writer.bytes(), storages: writer.storages };
}
