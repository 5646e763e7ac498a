/** `snnseg data lists`: writing and checking the lists of a data set. */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import {
  availableSplits,
  type DatasetSpec,
  datasetKind,
  type GeneratedList,
  generateLists,
  type ListReports,
  openDataset,
  verifyLists,
  writeLists,
} from "../../datasets/index.js";
import { DataFormatError, OptionError } from "../../errors.js";
import { formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ChosenData } from "./chosen-data.js";

export type ListWords = {
  readonly verify?: true;
  readonly out?: string;
  readonly overwrite?: true;
  readonly multipleOf: number;
  readonly valShare: number;
};

/** More of the same kind are counted, but not listed. */
const mostLines = 20;

/** Writes lists unless `verify`, then checks them. Fails if something listed is missing or listed twice. */
export async function lists(
  { spec }: ChosenData,
  { words, terminal }: { readonly words: ListWords; readonly terminal: Terminal },
): Promise<void> {
  if (datasetKind(spec).lists === undefined || !("root" in spec)) {
    await openAll(spec, terminal);
    return;
  }
  const written = words.verify ? undefined : await generate(spec, words, terminal);
  const checked = written === undefined ? spec : { ...spec, lists: written.lists };
  const { reports, unlisted, shared } = await verifyLists(checked);
  const wanted = reports.filter(({ split }) => written === undefined || written.lists[split] !== undefined);
  const wrong = printReports({ reports: wanted, unlisted: words.verify ? unlisted : [] }, terminal);
  printSome("in two splits:", shared, terminal);
  // What lies in which folder is its owner's choice; whoever asks is told that it is wrong.
  const problems = wrong + (words.verify ? shared.length : 0);
  terminal.result({
    ...{ dataset: spec.name, root: spec.root, valid: problems === 0 },
    ...{ lists: wanted, shared },
    ...(words.verify ? { unlisted } : {}),
    ...(written === undefined ? {} : { written: written.details, leftOut: written.leftOut }),
  });
  if (problems === 0 && wanted.length > 0) return;
  throw new DataFormatError(
    wanted.length === 0
      ? `data lists ${spec.root}: expected lists, received none; write them with snnseg data lists without --verify`
      : `data lists ${spec.root}: expected lists of complete examples, received ${problems} wrong lines; restore the files, or write new lists with --overwrite`,
  );
}

async function generate(spec: DatasetSpec, words: ListWords, terminal: Terminal) {
  const { multipleOf, valShare } = words;
  const generated = await generateLists(spec, { multipleOf, valShare });
  const { leftOut } = generated;
  const placed = generated.lists.map((list) =>
    words.out === undefined ? list : { ...list, path: join(resolve(words.out), basename(list.path)) },
  );
  if (placed.length === 0) {
    printSome("left out", leftOut, terminal);
    throw new DataFormatError(
      `data lists: expected pairs of files in ${"root" in spec ? spec.root : spec.name}, received none; check --root and the folders' names`,
    );
  }
  if (!words.overwrite) for (const list of placed) await checkReplaceable(list);
  await writeLists(placed);
  for (const { path, lines, runs, cut } of placed) {
    const runsNote = runs < lines.length ? ` in ${runs} runs of consecutive frames` : "";
    const cutNote = cut > 0 ? `; ${cut} cut off for --multiple-of ${multipleOf}` : "";
    terminal.print(`wrote ${path}: ${lines.length} examples${runsNote}${cutNote}`);
  }
  printSome("left out", leftOut, terminal);
  const details = placed.map(({ lines, ...rest }) => ({ ...rest, examples: lines.length }));
  return { details, leftOut, lists: Object.fromEntries(placed.map(({ split, path }) => [split, path])) };
}

/** Lists that somebody wrote by hand are not replaced unasked. */
async function checkReplaceable({ path, lines }: GeneratedList): Promise<void> {
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === undefined || before === lines.map((line) => `${line}\n`).join("")) return;
  throw new OptionError(
    `data lists: expected no list of other content at ${path}, received one; add --overwrite, write elsewhere with --out DIR, or check it with --verify`,
  );
}

function printReports(
  { reports, unlisted }: Pick<ListReports, "reports" | "unlisted">,
  terminal: Terminal,
): number {
  if (reports.length > 0) {
    const rows = reports.map(({ split, list, examples, problems }) => [
      ...[split, list, String(examples), problems.length === 0 ? "ok" : `${problems.length} wrong`],
    ]);
    terminal.print(formatTable([["split", "list", "examples", "check"], ...rows], { left: 2 }));
  }
  for (const { split, problems } of reports) printSome(`${split}:`, problems, terminal);
  printSome("complete, but in no list:", unlisted, terminal);
  return reports.reduce((sum, { problems }) => sum + problems.length, 0);
}

function printSome(heading: string, lines: readonly string[], terminal: Terminal): void {
  for (const line of lines.slice(0, mostLines)) terminal.print(`${heading} ${line}`);
  if (lines.length > mostLines) terminal.print(`${heading} … and ${lines.length - mostLines} more`);
}

/** Data sets without lists are what their folders hold: opening a split finds whatever is missing. */
async function openAll(spec: DatasetSpec, terminal: Terminal): Promise<void> {
  const splits: { split: string; examples: number }[] = [];
  for (const split of await availableSplits(spec)) {
    splits.push({ split, examples: (await openDataset(spec, split)).length });
  }
  terminal.print(`${spec.name} needs no lists; its splits are complete:`);
  terminal.print(formatTable([["split", "examples"], ...splits.map((s) => [s.split, String(s.examples)])]));
  terminal.result({ dataset: spec.name, valid: true, lists: splits });
}
