/** The files of the page, by the paths that it is asked for: a fixed table, so that no path reaches the disk. */
import { readFile } from "node:fs/promises";
import { echartsScript } from "../report/index.js";

/** A file of the page. */
export type PageFile = { readonly type: string; readonly read: () => Promise<string> };

const script = "text/javascript; charset=utf-8";
const style = "text/css; charset=utf-8";

/** The viewer's files for this page, from its folder. */
const files = {
  "runs/page.html": "text/html; charset=utf-8",
  "runs/icon.svg": "image/svg+xml",
  "runs/runs.css": style,
  "report.css": style,
  "dom.js": script,
  "charts.js": script,
  "runs/start.js": script,
  "runs/connection.js": script,
  "runs/words.js": script,
  "runs/live-chart.js": script,
  "runs/run-curves.js": script,
  "runs/list-view.js": script,
  "runs/run-view.js": script,
  "runs/compare-view.js": script,
  "runs/details.js": script,
} as const satisfies Record<string, string>;

/** Every path of the page. */
export const pageFiles: ReadonlyMap<string, PageFile> = new Map([
  ...Object.entries(files).map(([name, type]): [string, PageFile] => [
    name === "runs/page.html" ? "/" : `/viewer/${name}`,
    { type, read: () => readFile(new URL(`../../viewer/${name}`, import.meta.url), "utf8") },
  ]),
  // Empty where ECharts is not installed: the page then says how to get its charts.
  ["/viewer/echarts.js", { type: script, read: echartsScript }],
]);
