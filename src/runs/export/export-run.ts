/** A run's network in the format of another program. */
import { existsSync } from "node:fs";
import { checkOneOf } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import {
  type Exported,
  type ExportedMeta,
  type ExportOptions,
  type ExportTarget,
  type ExportTargetName,
  exportChoices,
  exportTargets,
  foldNetwork,
} from "../../export/index.js";
import { writeFileAtomic } from "../../files/index.js";
import { type OpenedRun, type OpenRunOptions, openRun } from "../open-run.js";
import { exportedMetaOf } from "./exported-meta-of.js";
import { exportedViewOf } from "./exported-view-of.js";

/** Which checkpoint, in which format, and where to. */
export interface ExportRunOptions extends ExportOptions, Pick<OpenRunOptions, "options" | "last"> {
  /** The format. */
  readonly to: ExportTargetName;
  /** The file (default: the run's name with the format's ending). */
  readonly output?: string | undefined;
  /** Replaces a file that is there (default false). */
  readonly overwrite?: boolean | undefined;
}

/** What was written. */
export interface ExportedRun {
  /** The file. */
  readonly file: string;
  /** The checkpoint that it was made from. */
  readonly checkpoint: string;
  /** What the file holds, in a line: read back from it. */
  readonly contents: string;
  /** Length of the file. */
  readonly bytes: number;
  /** What the user should know: what the format cannot say, or says otherwise. */
  readonly notes: readonly string[];
}

/**
 * Writes a run's network in the format of another program.
 *
 * @param path - a run folder, whose best checkpoint is taken, its number in the list of runs, or a checkpoint file
 * @param options - the format, its options, and options of the run to change, such as `timesteps`
 * @throws OptionError for what the format cannot say or an option that it does not take, or if the file is there; and as `openRun`
 * @example
 * // not run: needs a run folder
 * import { exportRun } from "snnseg/runs";
 *
 * const { file, contents } = await exportRun("runs/my-snn", { to: "onnx", form: "step" });
 * console.log(file, contents);
 */
export async function exportRun(
  path: string,
  { to, output, overwrite = false, options = {}, last, ...asked }: ExportRunOptions,
): Promise<ExportedRun> {
  checkOneOf("export", "to", to, Object.keys(exportTargets));
  const target: ExportTarget = exportTargets[to];
  const chosen = choicesOf(asked, { to, target });
  if (output !== undefined) checkFree(output, overwrite);
  using run = await openForExport(path, { options, last });
  const meta = await exportedMetaOf(run);
  const file = output ?? `${meta.name}${target.suffix}`;
  checkFree(file, overwrite);
  const { bytes, notes } = await write(run, { target, meta, chosen });
  const contents = await target.describe(bytes);
  await writeFileAtomic(file, bytes);
  return { file, checkpoint: run.file, contents, bytes: Buffer.byteLength(bytes), notes };
}

/**
 * The live page of a run, as {@link exportRun} writes it to a file.
 *
 * @param path - as in {@link exportRun}
 * @returns its HTML
 * @throws OptionError for a network that the page cannot run; and as `openRun`
 */
export async function livePageOf(path: string): Promise<string> {
  using run = await openForExport(path, {});
  const chosen = choicesOf({}, { to: "web", target: exportTargets.web });
  const meta = await exportedMetaOf(run);
  const { bytes } = await write(run, { target: exportTargets.web, meta, chosen });
  return bytes as string;
}

async function openForExport(
  path: string,
  { options, last }: Pick<OpenRunOptions, "options" | "last">,
): Promise<OpenedRun> {
  const { device = "cpu" } = options ?? {};
  if (device !== "cpu") {
    throw new OptionError(
      `export: expected the CPU, which writes files for any device, received --device ${device}; leave --device out`,
    );
  }
  return openRun(path, { options: { ...options, device: "cpu", precision: "fp32" }, last });
}

function write(
  run: OpenedRun,
  {
    target,
    meta,
    chosen,
  }: {
    readonly target: ExportTarget;
    readonly meta: ExportedMeta;
    readonly chosen: Required<ExportOptions>;
  },
): Exported | Promise<Exported> {
  return target.write(foldNetwork(run.model), meta, { ...chosen, view: () => exportedViewOf(run) });
}

/** @throws OptionError for an option that the format does not take, or a value that it does not have */
function choicesOf(
  asked: ExportOptions,
  { to, target }: { readonly to: ExportTargetName; readonly target: ExportTarget },
): Required<ExportOptions> {
  for (const key of Object.keys(asked) as (keyof ExportOptions)[]) {
    if (asked[key] === undefined) continue;
    checkOneOf("export", key, asked[key], exportChoices[key]);
    if (target.takes.includes(key)) continue;
    throw new OptionError(
      `export: expected no ${key} with the format ${to}, which has none, received ${asked[key]}; leave ${key} out`,
    );
  }
  const { form = exportChoices.form[0], precision = exportChoices.precision[0] } = asked;
  return { form, precision };
}

/** @throws OptionError if the file is there and may not be replaced */
function checkFree(file: string, overwrite: boolean): void {
  if (overwrite || !existsSync(file)) return;
  throw new OptionError(
    `export: expected a new file, received ${file}, which is there; name another one with --output, or add --overwrite`,
  );
}
