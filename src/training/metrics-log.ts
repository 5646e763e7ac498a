/** A run's `metrics.jsonl`: one JSON object a line, appended as training goes on. */
import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { DataFormatError } from "../errors.js";
import { fileError, systemErrorCode, writeFileAtomic } from "../files/index.js";
import type { MetricsRecord } from "./records.js";

/** What every reader of a line looks at. */
const recordSchema = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("epoch"), epoch: z.number(), loss: z.number() }),
  z.looseObject({ kind: z.literal("evaluation"), epoch: z.number(), loss: z.number(), meanIoU: z.number() }),
]);

/** The log of a run that is under way. */
export class MetricsLog {
  /** Path of `metrics.jsonl`. */
  readonly path: string;
  #lines = 0;
  #writes = true;

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
   * @param path - of `metrics.jsonl`; a missing file counts as empty
   * @param lines - 0 begins anew
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

  /**
   * A log that only counts its lines: of a rank whose rank 0 writes them.
   *
   * @param path - of rank 0's `metrics.jsonl`
   * @param lines - counted already
   */
  static counting(path: string, lines: number): MetricsLog {
    const log = new MetricsLog(path);
    log.#lines = lines;
    log.#writes = false;
    return log;
  }

  /**
   * Adds a line.
   *
   * @param record - one epoch or evaluation
   * @throws FileError if it cannot be written
   */
  async append(record: MetricsRecord): Promise<void> {
    try {
      if (this.#writes) await appendFile(this.path, `${JSON.stringify(record)}\n`);
    } catch (error) {
      throw fileError(error, { operation: `write ${this.path}`, expected: "to add a line" });
    }
    this.#lines += 1;
  }
}

/**
 * All records of a log; a last line that was cut off is left out.
 *
 * @param path - of `metrics.jsonl`; a missing file has none
 * @throws FileError if it cannot be read, DataFormatError naming the line that is no record
 */
export async function readMetrics(path: string): Promise<MetricsRecord[]> {
  const lines = (await readText(path)).split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const record = jsonOf(line);
    const { success, error } = recordSchema.safeParse(record);
    if (success) return record as MetricsRecord;
    throw new DataFormatError(
      `read ${path}, line ${i + 1}: expected an epoch or an evaluation as a JSON object, received something else; ` +
        "restore the file",
      { cause: error },
    );
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

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
