/** The folder of a run: what lies where, and what was asked for. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Config, ConfigKey, Layer, ResolvedConfig } from "../config/index.js";
import { DataFormatError, OptionError } from "../errors.js";
import { fileError, writeFileAtomic } from "../files/index.js";
import type { SegmentationModel } from "../models/index.js";
import { optionsInForce } from "./options-in-force.js";

/** The folder where runs lie unless told otherwise. */
export const runsFolder = "runs";

/** The places in a run folder. */
export class RunFolder {
  /** The folder, absolute. */
  readonly path: string;

  /** @param path - of the folder, which need not be there */
  constructor(path: string) {
    this.path = resolve(path);
  }

  /** `config.json`: what was asked for, a {@link RunRecord}. */
  get config(): string {
    return join(this.path, "config.json");
  }
  /** `metrics.jsonl`: one line an epoch or evaluation. */
  get metrics(): string {
    return join(this.path, "metrics.jsonl");
  }
  /** The checkpoint of the best evaluation. */
  get best(): string {
    return join(this.path, "checkpoints", "best.safetensors");
  }
  /** The checkpoint to go on from. */
  get last(): string {
    return join(this.path, "checkpoints", "last.safetensors");
  }
  /** There while a run writes here. */
  get lock(): string {
    return join(this.path, "run.lock");
  }
  /** `report.html`, there once the run has ended. */
  get report(): string {
    return join(this.path, "report.html");
  }
  /**
   * Where a picture of the run lies.
   *
   * @param name - without `.png`
   */
  picture(name: string): string {
    return join(this.path, "pictures", `${name}.png`);
  }

  /** Whether a run was begun here. */
  get hasRun(): boolean {
    return existsSync(this.config);
  }

  /** Whether a run here saved something to go on from. */
  get hasCheckpoint(): boolean {
    return existsSync(this.last);
  }
}

/** `config.json`: everything that is needed to do the run again. */
export type RunRecord = {
  /** Tells it from other files. */
  readonly format: "snnseg-run";
  /** Of the format; runs of version 1 took labels at the corner of their pixels. */
  readonly version: 1 | 2;
  /** When the run began, as ISO 8601 in UTC. */
  readonly created: string;
  /** Name of the preset, where one was asked for. */
  readonly preset: string | null;
  /** Options that mean something in this run. */
  readonly options: Readonly<Partial<Config>>;
  /** Who gave each option: a flag, a file, the preset, the default … */
  readonly sources: Readonly<Partial<Record<ConfigKey, string>>>;
  /** Versions and the machine. */
  readonly environment: Readonly<Record<string, string | number>>;
};

/** Options are checked by their own rules when they are used. */
const recordSchema = z.looseObject({
  format: z.literal("snnseg-run"),
  version: z.union([z.literal(1), z.literal(2)]),
  created: z.string(),
  preset: z.string().nullable().default(null),
  options: z.custom<RunRecord["options"]>(isObject),
  sources: z.custom<RunRecord["sources"]>(isObject).default({}),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The record of a configuration and the network that was built from it. */
export function runRecordOf(
  { config, sources }: ResolvedConfig,
  {
    model,
    preset,
    environment,
  }: {
    model: SegmentationModel;
    preset: string | undefined;
    environment: RunRecord["environment"];
  },
): RunRecord {
  const keys = optionsInForce(config, model);
  const pick = (values: Readonly<Record<ConfigKey, unknown>>) =>
    Object.fromEntries(keys.map((key) => [key, values[key]]));
  return {
    format: "snnseg-run",
    version: 2,
    created: new Date().toISOString(),
    preset: preset ?? null,
    options: pick(config) as Partial<Config>,
    sources: pick(sources) as RunRecord["sources"],
    environment,
  };
}

/** Saves `config.json`. */
export async function writeRunRecord(folder: RunFolder, record: RunRecord): Promise<void> {
  await writeFileAtomic(folder.config, `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * Reads `config.json`.
 *
 * @param folder - of the run; only read
 * @throws FileError if there is none, DataFormatError if it is something else
 */
export async function readRunRecord(folder: RunFolder): Promise<RunRecord> {
  let text: string;
  try {
    text = await readFile(folder.config, "utf8");
  } catch (error) {
    throw fileError(error, {
      operation: `open run ${folder.path}`,
      expected: "a run folder with config.json",
    });
  }
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    record = undefined;
  }
  const parsed = recordSchema.safeParse(record);
  if (parsed.success) return parsed.data;
  throw new DataFormatError(
    `open run ${folder.path}: expected config.json of a run, received something else; restore it or start a new run`,
    { cause: parsed.error },
  );
}

/**
 * The options of a run as a layer to build on. Runs of version 1 took labels at the corner of their pixels and go on
 * with that.
 */
export function runLayer(folder: RunFolder, { version, options }: RunRecord): Layer {
  const older = version === 1 && options.dataset !== "digits" ? { labelPixel: "corner" } : {};
  return { source: "run", where: `${folder.config}: `, values: { ...older, ...options } };
}

/** A folder for a new run: `runs/STEM-1`, or the next number that is free. */
export function freshRunPath(stem: string): string {
  for (let n = 1; ; n++) {
    const path = join(runsFolder, `${stem}-${n}`);
    if (!existsSync(path)) return path;
  }
}

/**
 * Checks that a new run may begin in a folder: it is empty, or a run there was ended before it saved something.
 *
 * @throws OptionError if checkpoints are there, or another program's `config.json`
 */
export async function checkFresh(folder: RunFolder): Promise<void> {
  if (folder.hasCheckpoint || existsSync(folder.best)) {
    throw new OptionError(
      `--run: expected a folder without a run, received ${folder.path}, which holds one; ` +
        "choose another folder, or continue it with snnseg train --resume",
    );
  }
  if (!folder.hasRun) return;
  await readRunRecord(folder).catch((error: unknown) => {
    throw new OptionError(
      `--run: expected a folder for a run, received ${folder.path}, whose config.json is something else; choose another folder`,
      { cause: error },
    );
  });
}
