/** The one-page report of a run: a single HTML file without scripts and without anything to fetch. */

import { hexOf } from "./colors.js";
import { lineChartSvg, pageInk } from "./line-chart.js";
import { pageStyle } from "./page-style.js";
import type { ReportTable, RunReport } from "./run-report.js";
import { dataUri, escapeXml } from "./xml.js";

/** Renders the page. */
export async function htmlReport(report: RunReport): Promise<string> {
  const charts = await Promise.all(report.charts.map((chart) => lineChartSvg(chart, { ink: pageInk })));
  const sections = [
    tiles(report),
    section("Curves", `<div class="charts">${charts.map(figure).join("")}</div>`),
    section("Predictions", report.pictures.map(pictureFigure).join("")),
    section("Scores per class", classTable(report)),
    ...report.tables.map((table) => section(escapeXml(table.title), plainTable(table))),
    Object.keys(report.rates).length === 0 ? "" : section("Spike rates", rateTable(report)),
    section("What was run", factList(report.facts) + optionTable(report)),
  ];
  const title = escapeXml(report.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${pageStyle}</style></head>
<body><main><h1>${title}</h1><p class="summary">${escapeXml(report.summary)}</p>
${sections.join("\n")}
</main></body></html>
`;
}

function section(title: string, body: string): string {
  return `<section><h2>${title}</h2>${body}</section>`;
}

function tiles({ scores, baseline }: RunReport): string {
  const tile = (name: string, value: number, note = "") =>
    `<div class="tile"><b>${value.toFixed(4)}</b><span>${name}</span><small>${note}</small></div>`;
  const times = baseline.meanIoU > 0 ? ` (${(scores.meanIoU / baseline.meanIoU).toFixed(1)} times that)` : "";
  return `<div class="tiles">${[
    tile("mean IoU", scores.meanIoU, `majority-class baseline: ${baseline.meanIoU.toFixed(4)}${times}`),
    tile(
      "pixel accuracy",
      scores.pixelAccuracy,
      `majority-class baseline: ${baseline.pixelAccuracy.toFixed(4)}`,
    ),
    tile("mean class accuracy", scores.meanAccuracy),
    tile("frequency-weighted IoU", scores.frequencyWeightedIoU),
  ].join("")}</div>`;
}

function figure(svg: string): string {
  return `<figure>${svg}</figure>`;
}

function pictureFigure({ caption, png }: RunReport["pictures"][number]): string {
  const text = escapeXml(caption);
  return `<figure class="picture"><img alt="${text}" src="${dataUri(png, "image/png")}"><figcaption>${text}</figcaption></figure>`;
}

function classTable({ scores, classes, colors }: RunReport): string {
  const rows = classes.map((name, k) => {
    const iou = scores.perClassIoU[k] ?? null;
    const swatch = `<i style="background:${hexOf(colors[k] ?? [128, 128, 128])}"></i>`;
    return `<tr><th scope="row">${swatch}${escapeXml(name)}</th>${barCells(iou, iou ?? 0, 4)}</tr>`;
  });
  return `<table><thead><tr><th>class</th><th>IoU</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function rateTable({ rates }: RunReport): string {
  const largest = Math.max(...Object.values(rates), Number.MIN_VALUE);
  const rows = Object.entries(rates).map(
    ([layer, rate]) =>
      `<tr><th scope="row">${escapeXml(layer)}</th>${barCells(rate, rate / largest, 3)}</tr>`,
  );
  return (
    "<p>Spikes per neuron and example over all timesteps.</p><table><thead><tr><th>layer</th>" +
    `<th>rate</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`
  );
}

/** A figure and a bar of that share of the column; a dash where there is no figure. */
function barCells(value: number | null, share: number, digits: number): string {
  const width = (100 * share).toFixed(1);
  return `<td>${value === null ? "–" : value.toFixed(digits)}</td><td class="bar"><div style="width:${width}%"></div></td>`;
}

function plainTable({ head, rows }: ReportTable): string {
  const heads = head.map((name) => `<th>${escapeXml(name)}</th>`).join("");
  const body = rows.map(([name = "", ...cells]) => {
    const values = cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeXml(name)}</th>${values}</tr>`;
  });
  return `<table><thead><tr>${heads}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function factList(facts: RunReport["facts"]): string {
  const entries = facts.map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd>`);
  return `<dl>${entries.join("")}</dl>`;
}

function optionTable({ options }: RunReport): string {
  const rows = options.map(
    ({ name, value, source }) =>
      `<tr><th scope="row">${escapeXml(name)}</th><td class="text">${escapeXml(value)}</td><td class="text">${escapeXml(source)}</td></tr>`,
  );
  return `<table class="options"><thead><tr><th>option</th><th>value</th><th>from</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}
