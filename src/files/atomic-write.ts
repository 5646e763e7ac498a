/**
 * Files that are either wholly the old ones or wholly the new ones, whatever happens while they are written.
 *
 * The content goes to a temporary name in the same folder, is flushed to the disk, and takes the place of the old
 * file with one rename. A process that exits in between takes its temporary files along; one that is killed leaves them, and
 * the next write to the same path removes those of processes that are gone.
 */
import { rmSync } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileError, systemErrorCode } from "./file-error.js";
import { makeFolder } from "./make-folder.js";

/** What can be written: text (UTF-8), bytes, or pieces of bytes that need not all exist at once. */
export type FileContent =
  | string
  | ArrayBufferView
  | Iterable<ArrayBufferView>
  | AsyncIterable<ArrayBufferView>;

const host = hostname().replaceAll(/[^A-Za-z0-9]/g, "_");
let serial = 0;

const unfinished = new Set<string>();
process.on("exit", () => {
  for (const path of unfinished) rmSync(path, { force: true });
});

/**
 * Writes a file at once: after success it has the new content, after an error or a crash the old one.
 * Missing folders are made.
 *
 * @throws FileError naming the file if the disk is full or the folder cannot be written; the old file is untouched
 * and nothing else stays behind. Errors of `content`'s own iterator are passed on after the same clean-up.
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${host}-${process.pid}-${serial++}.tmp`);
  try {
    await makeFolder(folder);
    await removeStaleTemporaries(path);
    unfinished.add(temporary);
    await writeAndFlush(temporary, content);
    await rename(temporary, path);
    await flushFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(error, {
      operation: `write ${path}`,
      expected: "to save it (an older file of that name is untouched)",
    });
  } finally {
    unfinished.delete(temporary);
  }
}

async function writeAndFlush(path: string, content: FileContent): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const piece of pieces(content)) await writeFully(file, piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

function pieces(content: FileContent): Iterable<ArrayBufferView> | AsyncIterable<ArrayBufferView> {
  if (typeof content === "string") return [Buffer.from(content, "utf8")];
  return ArrayBuffer.isView(content) ? [content] : content;
}

/** A single write may store less than asked for, and at most 2 GiB on Linux. */
async function writeFully(file: Awaited<ReturnType<typeof open>>, piece: ArrayBufferView): Promise<void> {
  const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  const largest = 1 << 30;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(largest, bytes.length - done));
    done += bytesWritten;
  }
}

/** Makes the rename itself durable; systems that cannot flush a folder are left alone. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function removeStaleTemporaries(path: string): Promise<void> {
  const start = `.${basename(path)}.${host}-`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(start)) continue;
    const pid = /^(\d+)-\d+\.tmp$/.exec(name.slice(start.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(path), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== "ESRCH";
  }
}
