/** The end of a file that another process appends lines to. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { DataFormatError, FileError } from "../errors.js";
import { fileError, systemErrorCode } from "../files/index.js";

const chunkBytes = 1 << 16;
/** A line of metrics has a few kilobytes; whatever has no end so far is not one. */
const longestLine = 1 << 22;
const lineFeed = 0x0a;

/** Who is told what a log says. */
export type LogReader = {
  /** The log begins anew: what was told before is void. */
  readonly restarted: () => void;
  /** A whole line, without its end. */
  readonly line: (text: string) => void;
};

/**
 * Reads what was appended since the last time, line by line. A last line without its end waits for it; a file that became
 * shorter, or another one (a resumed run writes its log anew), is read from its beginning.
 */
export class LogTail {
  readonly #path: string;
  /** Of the first byte that no line told so far holds. */
  #offset = 0;
  #size = 0;
  #inode = 0;
  #changedMs = 0;

  /** @param path - of a file that need not be there yet */
  constructor(path: string) {
    this.#path = path;
  }

  /** When the log last grew, as milliseconds since 1970; 0 before it is there. */
  get changedMs(): number {
    return this.#changedMs;
  }

  /**
   * Tells all lines that are new.
   *
   * @throws FileError if the log is there and cannot be read, DataFormatError if it has a line of more than 4 MiB
   */
  async read(reader: LogReader): Promise<void> {
    try {
      const about = await stat(this.#path);
      // A pipe would wait for a writer.
      if (!about.isFile()) throw notFile(this.#path);
      const { size, ino, mtimeMs } = about;
      if (size === this.#size && ino === this.#inode) return;
      if (ino !== this.#inode || size < this.#size) this.#restart(reader);
      this.#inode = ino;
      const file = await open(this.#path, "r");
      try {
        await this.#readFrom(file, reader);
      } finally {
        await file.close();
      }
      this.#size = size;
      this.#changedMs = mtimeMs;
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT") {
        throw fileError(error, { operation: `read ${this.#path}`, expected: "the metrics of a run" });
      }
      this.#restart(reader);
      this.#inode = 0;
    }
  }

  #restart(reader: LogReader): void {
    if (this.#inode !== 0) reader.restarted();
    this.#offset = 0;
    this.#size = 0;
    this.#changedMs = 0;
  }

  async #readFrom(file: FileHandle, { line }: LogReader): Promise<void> {
    const chunk = Buffer.alloc(chunkBytes);
    let begun = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, this.#offset + begun.length);
      if (bytesRead === 0) return;
      let rest = Buffer.concat([begun, chunk.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
        line(rest.toString("utf8", 0, end));
        rest = rest.subarray(end + 1);
        this.#offset += end + 1;
      }
      if (rest.length > longestLine) throw this.#tooLong();
      begun = rest;
    }
  }

  #tooLong(): DataFormatError {
    return new DataFormatError(
      `read ${this.#path}: expected lines of at most ${longestLine} bytes, received a longer one; restore the file`,
    );
  }
}

function notFile(path: string): FileError {
  return new FileError(
    `read ${path}: expected a file, received a folder or device; restore the metrics of the run`,
  );
}
