/** The interactive report of several runs: one HTML file with its data, its scripts and its charting library inside. */
import { readFile } from "node:fs/promises";
import type { ComparisonReport } from "./comparison-report.js";
import { echartsScript } from "./echarts-script.js";
import { escapeXml } from "./xml.js";

const viewerFiles = ["dom.js", "charts.js", "gallery.js", "panels.js", "start.js"] as const;

/**
 * Renders the page. It fetches nothing, and its own policy forbids it to.
 *
 * @param report - of `compareRuns`; not changed
 * @returns the text of an HTML file
 */
export async function comparisonPage(report: ComparisonReport): Promise<string> {
  const [style, echarts, ...modules] = await Promise.all([
    viewerFile("report.css"),
    echartsScript(),
    ...viewerFiles.map(viewerFile),
  ]);
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeXml(report.title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${style}</style></head>
<body><header><h1 id="title"></h1><p class="note" id="summary"></p>
<div id="tabs" role="tablist" aria-label="Parts of the report"></div></header>
<main id="panels"></main>
<script type="application/json" id="report-data">${jsonForScript(report)}</script>
<script>${scriptText(echarts!)}</script>
<script type="module">${scriptText(modules.map(withoutModuleSyntax).join("\n"))}</script>
</body></html>
`;
}

function viewerFile(name: string): Promise<string> {
  return readFile(new URL(`../../viewer/${name}`, import.meta.url), "utf8");
}

/** The viewer's modules have distinct names and an order without cycles, so that one after the other they are one. */
function withoutModuleSyntax(source: string): string {
  return source.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, "");
}

/** JSON in which nothing can end the script that holds it. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function scriptText(source: string): string {
  return source.replaceAll("</script", "<\\/script");
}
