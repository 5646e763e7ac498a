/**
 * NumPy's `.npy` files of floating-point numbers, versions 1 to 3, either byte order, C or Fortran order.
 *
 * The header is text that NumPy evaluates; here it is only matched. Nothing is allocated before the header's shape
 * agrees with the file's length.
 *
 * @see "A Simple File Format for NumPy Arrays", NumPy enhancement proposal 1
 */
import { DataFormatError } from "../../errors.js";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const largestHeader = 65_536;

/** An array of real numbers in C order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface NpyHeader {
  readonly bytesEach: 2 | 4 | 8;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly offset: number;
}

/**
 * Parses an array of float16, float32 or float64; float64 is rounded to float32.
 *
 * @param name - the file, for error messages
 * @throws DataFormatError naming the file and what is wrong with it
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const header = parseHeader(bytes, name);
  const { shape, bytesEach, littleEndian, offset } = header;
  const count = shape.reduce((product, side) => product * side, 1);
  if (count * bytesEach !== bytes.length - offset) {
    throw wrong(name, `${count * bytesEach} bytes of numbers for its shape [${shape.join(", ")}]`, {
      received: `${bytes.length - offset} from byte ${offset} on`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count * bytesEach);
  const read =
    bytesEach === 8
      ? (i: number) => view.getFloat64(8 * i, littleEndian)
      : bytesEach === 4
        ? (i: number) => view.getFloat32(4 * i, littleEndian)
        : (i: number) => fromFloat16(view.getUint16(2 * i, littleEndian));
  const data = new Float32Array(count);
  if (!header.fortranOrder) for (let i = 0; i < count; i++) data[i] = read(i);
  else forEachFortranOffset(shape, (i, stored) => (data[i] = read(stored)));
  return { shape, data };
}

function parseHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw wrong(name, "a NumPy array file", { received: "another signature at byte 0" });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3 || bytes.length < 12) {
    throw wrong(name, "version 1, 2 or 3", { received: `${version} at byte 6` });
  }
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > largestHeader || start + length > bytes.length) {
    throw wrong(name, `a header of at most ${largestHeader} bytes within the file`, {
      received: `${length} at byte 8`,
    });
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("latin1");
  const type = /'descr'\s*:\s*'([<>=|])f([248])'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text);
  if (type === null || order === null || shape === null) {
    throw wrong(name, "a header with float16, float32 or float64 numbers, an order and a shape", {
      received: JSON.stringify(text.trim().slice(0, 120)),
    });
  }
  const sides = (shape[1] as string)
    .split(",")
    .filter((side) => side.trim() !== "")
    .map(Number);
  if (sides.length > 8 || !sides.every(Number.isSafeInteger)) {
    throw wrong(name, "at most 8 axes of sane length", { received: `(${shape[1]})` });
  }
  return {
    bytesEach: Number(type[2]) as 2 | 4 | 8,
    littleEndian: type[1] !== ">",
    fortranOrder: order[1] === "True",
    shape: sides,
    offset: start + length,
  };
}

/** Calls `visit` with the C-order and the Fortran-order offset of every element. */
function forEachFortranOffset(shape: readonly number[], visit: (i: number, stored: number) => void): void {
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));
  const index = shape.map(() => 0);
  const count = shape.reduce((product, side) => product * side, 1);
  for (let i = 0, stored = 0; i < count; i++) {
    visit(i, stored);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1;
      stored += steps[axis] as number;
      if (next < (shape[axis] as number)) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      stored -= next * (steps[axis] as number);
    }
  }
}

/** IEEE 754 binary16: (−1)^s · 2^(e−25) · (1024 + m), subnormal for e = 0. */
function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function wrong(name: string, expected: string, { received }: { readonly received: string }): DataFormatError {
  return new DataFormatError(
    `read ${name}: expected ${expected}, received ${received}; save the array again as float32 with numpy.save`,
  );
}
