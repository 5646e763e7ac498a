/**
 * Writes ZIP archives of stored entries, piece by piece, each content beginning at a multiple of 64 bytes as PyTorch
 * places it, so that a mapped file serves tensors directly.
 *
 * @see PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 and 4.3.12
 */
import { OptionError } from "../../errors.js";
import { crc32 } from "../../files/index.js";

/** An entry to be written. */
export interface ZipContent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const alignment = 64;
/** Extra field of padding; PyTorch uses the same number. */
const paddingField = 0x4246;
/** 1980-01-01, the earliest date a ZIP file knows: equal content gives equal files. */
const date = 0x0021;
const utf8Names = 0x0800;

/**
 * The archive's pieces, in order.
 *
 * @throws OptionError if it would need more than 4 GiB
 */
export function* zipPieces(contents: Iterable<ZipContent>): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of contents) {
    const label = Buffer.from(name, "utf8");
    const padding = (alignment - ((at + 30 + label.length + 4) % alignment)) % alignment;
    const fields = { label, crc: crc32(bytes), size: bytes.length };
    yield localHeader(fields, padding);
    yield bytes;
    directory.push(directoryRecord(fields, at));
    at += 30 + label.length + 4 + padding + bytes.length;
    if (at > 0xffff0000 || directory.length > 0xfffe) {
      throw new OptionError(
        "write ZIP file: expected less than 4 GiB and 65,535 entries, received more; export it as safetensors instead",
      );
    }
  }
  yield* directory;
  const length = directory.reduce((sum, record) => sum + record.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, directory.length, true);
  end.setUint16(10, directory.length, true);
  end.setUint32(12, length, true);
  end.setUint32(16, at, true);
  yield new Uint8Array(end.buffer);
}

interface Fields {
  readonly label: Uint8Array;
  readonly crc: number;
  readonly size: number;
}

function localHeader(fields: Fields, padding: number): Uint8Array {
  const { label } = fields;
  const bytes = new Uint8Array(30 + label.length + 4 + padding);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  commonFields(view, { at: 4, fields });
  view.setUint16(28, 4 + padding, true);
  bytes.set(label, 30);
  view.setUint16(30 + label.length, paddingField, true);
  view.setUint16(32 + label.length, padding, true);
  return bytes;
}

function directoryRecord(fields: Fields, offset: number): Uint8Array {
  const bytes = new Uint8Array(46 + fields.label.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 20, true);
  commonFields(view, { at: 6, fields });
  view.setUint32(42, offset, true);
  bytes.set(fields.label, 46);
  return bytes;
}

/** What both headers hold from "version needed to extract" on. */
function commonFields(view: DataView, { at, fields }: { at: number; fields: Fields }): void {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, utf8Names, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, fields.crc, true);
  view.setUint32(at + 14, fields.size, true);
  view.setUint32(at + 18, fields.size, true);
  view.setUint16(at + 22, fields.label.length, true);
}
