/** A run's `metrics.jsonl`: one JSON object a line, appended as training goes on. */
import { appendFile, readFile } from "node:fs/promises";
import { DataFormatError } from "../errors.js";
import { fileError, systemErrorCode, writeFileAtomic } from "../files/index.js";
import type { MetricsRecord } from "./records.js";

export class MetricsLog {
  readonly path: string;
  #lines = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** The lines written so far: what a checkpoint needs to remember. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * Opens the log as it was after `lines` lines; what a killed process wrote later, whole lines or half ones, is
   * dropped.
   *
   * @throws DataFormatError if the file has fewer lines than that
   */
  static async open(path: string, lines: number): Promise<MetricsLog> {
    const log = new MetricsLog(path);
    const text = await readText(path);
    const kept = text.split("\n").slice(0, -1).slice(0, lines);
    if (kept.length < lines) {
      throw new DataFormatError(
        `resume ${path}: expected ${lines} lines, received ${kept.length}; restore the file or start a new run`,
      );
    }
    await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
    log.#lines = lines;
    return log;
  }

  async append(record: MetricsRecord): Promise<void> {
    try {
      await appendFile(this.path, `${JSON.stringify(record)}\n`);
    } catch (error) {
      throw fileError(error, { operation: `write ${this.path}`, expected: "to add a line" });
    }
    this.#lines += 1;
  }
}

/** All records of a log; a last line that was cut off is left out. */
export async function readMetrics(path: string): Promise<MetricsRecord[]> {
  const lines = (await readText(path)).split("\n").slice(0, -1);
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as MetricsRecord;
    } catch (cause) {
      throw new DataFormatError(
        `read ${path}, line ${i + 1}: expected a JSON object, received text that is none; restore the file`,
        { cause },
      );
    }
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return "";
    throw fileError(error, { operation: `read ${path}`, expected: "the metrics of a run" });
  }
}
