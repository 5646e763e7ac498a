/**
 * NumPy's numbers, which training scripts often save as scores (`best_miou`): `scalar(dtype, bytes)` becomes a number.
 * Arrays of NumPy are refused like everything else.
 */
import { type PickleMachine, PickleName, PickleStateful } from "./pickle-machine.js";

type ScalarReader = (view: DataView, littleEndian: boolean) => number | bigint | boolean;

const readers: Readonly<Record<string, ScalarReader>> = {
  f8: (view, little) => view.getFloat64(0, little),
  f4: (view, little) => view.getFloat32(0, little),
  i8: (view, little) => narrow(view.getBigInt64(0, little)),
  u8: (view, little) => narrow(view.getBigUint64(0, little)),
  i4: (view, little) => view.getInt32(0, little),
  u4: (view, little) => view.getUint32(0, little),
  i2: (view, little) => view.getInt16(0, little),
  u2: (view, little) => view.getUint16(0, little),
  i1: (view) => view.getInt8(0),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
};

/** The names a file may use for them; NumPy 2 moved its modules. */
export const numpyNames: ReadonlyMap<string, PickleName> = new Map([
  ["numpy dtype", new PickleName(dtype)],
  ["numpy.core.multiarray scalar", new PickleName(scalar)],
  ["numpy._core.multiarray scalar", new PickleName(scalar)],
]);

/** `numpy.dtype("f8", …)`; its byte order arrives afterwards, as second entry of its state. */
class NumpyType extends PickleStateful {
  readonly read: ScalarReader;
  littleEndian = true;
  constructor(read: ScalarReader) {
    super();
    this.read = read;
  }
  setState(state: unknown): boolean {
    if (!Array.isArray(state) || !["<", ">", "|"].includes(state[1] as string)) return false;
    this.littleEndian = state[1] !== ">";
    return true;
  }
}

function dtype(args: readonly unknown[], machine: PickleMachine): NumpyType {
  const letters = args[0];
  const read = typeof letters === "string" && Object.hasOwn(readers, letters) ? readers[letters] : undefined;
  if (read === undefined) throw machine.cursor.refuse("a NumPy type that is no number");
  return new NumpyType(read);
}

function scalar(args: readonly unknown[], machine: PickleMachine): unknown {
  const [type, bytes] = args;
  if (!(type instanceof NumpyType) || !(bytes instanceof Uint8Array))
    throw machine.cursor.refuse("a NumPy value that is no number");
  try {
    return type.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), type.littleEndian);
  } catch {
    throw machine.cursor.refuse(`a NumPy number of ${bytes.length} bytes`);
  }
}

function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
