/** Writing `.npy` files: float32, little endian, C order, version 1. */
import { endianness } from "node:os";
import { writeFileAtomic } from "../../files/index.js";

/** Header and numbers start at multiples of this. */
const alignment = 64;

/**
 * Writes an array, at once or not at all.
 *
 * @throws FileError if the file cannot be written
 * @see "A Simple File Format for NumPy Arrays", NumPy enhancement proposal 1
 */
export async function writeNpy(path: string, data: Float32Array, shape: readonly number[]): Promise<void> {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sides}), }`;
  const length = Math.ceil((10 + text.length + 1) / alignment) * alignment - 10;
  const header = Buffer.alloc(10 + length, " ");
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  header.writeUInt16LE(length, 8);
  header.write(`${text.padEnd(length - 1)}\n`, 10, "latin1");
  const numbers = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await writeFileAtomic(path, [header, endianness() === "LE" ? numbers : Buffer.from(numbers).swap32()]);
}
