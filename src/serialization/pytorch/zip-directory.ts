/**
 * The table of contents of a ZIP file, read without trusting it.
 *
 * Only what PyTorch's files need: one disk, stored or deflated entries, ZIP64. Every entry must lie where the table
 * says, own its bytes alone, and have a name that could never lead out of a folder.
 *
 * @see PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3
 */
import { DataFormatError } from "../../errors.js";
import { checkZipName } from "./zip-name.js";

/** One file inside. */
export interface ZipEntry {
  readonly name: string;
  readonly method: "stored" | "deflated";
  readonly crc: number;
  /** Length of the content. */
  readonly size: number;
  /** Where its (compressed) bytes lie in the archive. */
  readonly begin: number;
  readonly end: number;
}

/** Deflated content may be this many times the whole archive, plus {@link spareBytes}: more is a bomb. */
const largestExpansion = 32;
const spareBytes = 1 << 20;

/**
 * The entries by name.
 *
 * @param archive - the whole file
 * @param path - for messages
 * @throws DataFormatError naming file, entry and fault
 */
export function readZipDirectory(archive: Uint8Array, path: string): Map<string, ZipEntry> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const refuse = (fault: string) =>
    new DataFormatError(`read ${path}: expected a sound ZIP file, received ${fault}`);
  const { count, begin, end } = locateDirectory(view, refuse);
  const entries = new Map<string, ZipEntry>();
  const ranges: { name: string; begin: number; end: number }[] = [];
  let at = begin;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw refuse(`a table cut off at entry ${i}`);
    const record = readRecord(view, { at, limit: end, refuse });
    const entry = locateContent(view, { record, limit: begin, refuse });
    if (entries.has(entry.name)) throw refuse(`two entries named ${JSON.stringify(entry.name)}`);
    entries.set(entry.name, entry);
    ranges.push({ name: entry.name, begin: record.local, end: entry.end });
    at = record.next;
  }
  checkOwnership(ranges, refuse);
  checkExpansion([...entries.values()], { bytes: archive.length, refuse });
  return entries;
}

type Refuse = (fault: string) => DataFormatError;

function locateDirectory(view: DataView, refuse: Refuse): { count: number; begin: number; end: number } {
  const size = view.byteLength;
  let at = size - 22;
  const first = Math.max(0, at - 0xffff);
  const isEnd = (i: number) =>
    view.getUint32(i, true) === 0x06054b50 && i + 22 + view.getUint16(i + 20, true) === size;
  while (at >= first && !isEnd(at)) at--;
  if (at < first) throw refuse("no table of contents; the file is cut off or no ZIP file");
  let disks = view.getUint32(at + 4, true);
  let count = view.getUint16(at + 10, true);
  let length = view.getUint32(at + 12, true);
  let begin = view.getUint32(at + 16, true);
  let end = at;
  if (at >= 20 && view.getUint32(at - 20, true) === 0x07064b50) {
    end = checkOffset(view.getBigUint64(at - 12, true), { limit: at - 56, refuse });
    if (view.getUint32(end, true) !== 0x06064b50) throw refuse("no ZIP64 record where one is announced");
    disks = view.getUint32(end + 16, true) | view.getUint32(end + 20, true);
    count = checkOffset(view.getBigUint64(end + 32, true), { limit: size, refuse });
    length = checkOffset(view.getBigUint64(end + 40, true), { limit: size, refuse });
    begin = checkOffset(view.getBigUint64(end + 48, true), { limit: size, refuse });
  }
  if (disks !== 0) throw refuse("a part of an archive on several disks");
  if (begin + length > end) throw refuse(`a table of ${length} bytes at ${begin} of a file of ${size}`);
  if (count * 46 > length) throw refuse(`a table of ${count} entries in ${length} bytes`);
  return { count, begin, end: begin + length };
}

interface DirectoryRecord {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly local: number;
  readonly next: number;
}

function readRecord(
  view: DataView,
  { at, limit, refuse }: { at: number; limit: number; refuse: Refuse },
): DirectoryRecord {
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > limit) throw refuse("an entry longer than the table of contents");
  const name = checkZipName(bytesAt(view, at + 46, nameEnd), refuse);
  const wide = wideValues(view, { begin: nameEnd, end: extraEnd });
  const value = (offset: number): number => {
    const narrow = view.getUint32(at + offset, true);
    if (narrow !== 0xffffffff) return narrow;
    const found = wide.shift();
    if (found === undefined) throw refuse(`entry ${JSON.stringify(name)} without its ZIP64 sizes`);
    return checkOffset(found, { limit: Number.MAX_SAFE_INTEGER, refuse });
  };
  // ZIP64 lists only the values that did not fit, in this order.
  const size = value(24);
  const compressed = value(20);
  const local = value(42);
  const flags = view.getUint16(at + 8, true);
  return {
    name,
    flags,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    compressed,
    size,
    local,
    next,
  };
}

/** The 64-bit values of extra field 1, or none. */
function wideValues(view: DataView, { begin, end }: { begin: number; end: number }): bigint[] {
  for (let at = begin; at + 4 <= end; ) {
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && fieldEnd <= end) {
      const values: bigint[] = [];
      for (let i = at + 4; i + 8 <= fieldEnd; i += 8) values.push(view.getBigUint64(i, true));
      return values;
    }
    at = fieldEnd;
  }
  return [];
}

function locateContent(
  view: DataView,
  { record, limit, refuse }: { record: DirectoryRecord; limit: number; refuse: Refuse },
): ZipEntry {
  const { name, flags, local, size, compressed, crc } = record;
  const label = `entry ${JSON.stringify(name)}`;
  if ((flags & 0x2041) !== 0) throw refuse(`${label}, which is encrypted`);
  if (record.method !== 0 && record.method !== 8)
    throw refuse(`${label}, compressed by method ${record.method}`);
  if (local + 30 > limit || view.getUint32(local, true) !== 0x04034b50)
    throw refuse(`${label} at ${local}, where none begins`);
  const nameEnd = local + 30 + view.getUint16(local + 26, true);
  const begin = nameEnd + view.getUint16(local + 28, true);
  const end = begin + compressed;
  if (end > limit)
    throw refuse(`${label} of ${compressed} bytes at ${begin}, past the content's end at ${limit}`);
  if (checkZipName(bytesAt(view, local + 30, nameEnd), refuse) !== name)
    throw refuse(`${label} under another name in its own header`);
  if (view.getUint16(local + 8, true) !== record.method)
    throw refuse(`${label} with two compression methods`);
  if (record.method === 0 && size !== compressed)
    throw refuse(`${label}, stored, of ${size} bytes in ${compressed}`);
  return { name, method: record.method === 0 ? "stored" : "deflated", crc, size, begin, end };
}

function checkOwnership(ranges: { name: string; begin: number; end: number }[], refuse: Refuse): void {
  ranges.sort((a, b) => a.begin - b.begin);
  for (const [i, range] of ranges.entries()) {
    const before = ranges[i - 1];
    if (before !== undefined && range.begin < before.end) {
      throw refuse(
        `entries ${JSON.stringify(before.name)} and ${JSON.stringify(range.name)} over the same bytes`,
      );
    }
  }
}

function checkExpansion(
  entries: readonly ZipEntry[],
  { bytes, refuse }: { bytes: number; refuse: Refuse },
): void {
  const expanded = entries.reduce((sum, { size }) => sum + size, 0);
  if (expanded > largestExpansion * bytes + spareBytes) {
    throw refuse(
      `${bytes} bytes that claim to unpack to ${expanded}; if it is no bomb, store it without compression`,
    );
  }
}

function checkOffset(value: bigint, { limit, refuse }: { limit: number; refuse: Refuse }): number {
  if (value > BigInt(Math.max(0, limit))) throw refuse(`an offset or size of ${value}, past the file's end`);
  return Number(value);
}

function bytesAt(view: DataView, begin: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + begin, end - begin);
}
