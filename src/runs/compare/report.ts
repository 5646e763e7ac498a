/** Several runs side by side in files. */
import { refuse } from "../../checks/index.js";
import { makeFoldersOf, writeFileAtomic } from "../../files/index.js";
import { type ComparisonReport, comparisonPage } from "../../report/index.js";
import { type CompareOptions, compareRuns } from "./compare-runs.js";
import { scoreCsv } from "./score-csv.js";

/** Where a comparison is written, and what is compared. */
export interface ReportOptions extends CompareOptions {
  /** The page to write, such as `report.html`; it needs no network. */
  readonly to: string;
  /** Everything but the pictures, as JSON (default: not written). */
  readonly data?: string | undefined;
  /** The scores, as CSV (default: not written). */
  readonly csv?: string | undefined;
}

/**
 * Compares runs and writes what was found; folders that are missing are made.
 *
 * @param paths - each as in `openRun`
 * @param options - the files, and how to compare
 * @returns what the page shows
 * @throws as `compareRuns`; FileError if a file cannot be written, for its folder before any run is opened
 */
export async function report(
  paths: readonly string[],
  { to, data, csv, ...asked }: ReportOptions,
): Promise<ComparisonReport> {
  if (typeof to !== "string" || to === "") refuse("report", "to", "the page's file, such as report.html", to);
  await makeFoldersOf(to, data, csv);
  const compared = await compareRuns(paths, asked);
  await writeFileAtomic(to, await comparisonPage(compared));
  if (data !== undefined) {
    const { gallery: _, ...numbers } = compared;
    await writeFileAtomic(data, `${JSON.stringify(numbers, undefined, 2)}\n`);
  }
  if (csv !== undefined) await writeFileAtomic(csv, scoreCsv(compared));
  return compared;
}
