/** Horizontal bars, one a class in its colour, as SVG. */
import type { Rgb } from "../images/index.js";
import { hexOf } from "./colors.js";
import { escapeXml } from "./xml.js";

export type Bar = {
  readonly name: string;
  readonly color: Rgb;
  /** Length of the bar, at least 0. */
  readonly value: number;
  /** Written behind the bar. */
  readonly note: string;
};

export type BarChart = { readonly title: string; readonly bars: readonly Bar[] };

const rowHeight = 24;
const barWidth = 360;
const fontSize = 13;
const letterWidth = 0.64 * fontSize;
const margin = 16;

/** Draws the bars on white; the longest one takes the whole width. */
export function barChartSvg({ title, bars }: BarChart): string {
  const longest = Math.max(...bars.map(({ value }) => value)) || 1;
  const nameWidth = letterWidth * Math.max(...bars.map(({ name }) => name.length));
  const noteWidth = letterWidth * Math.max(...bars.map(({ note }) => note.length));
  const left = margin + nameWidth + 8;
  const width = Math.ceil(
    Math.max(left + barWidth + 8 + noteWidth, title.length * letterWidth * 1.15) + margin,
  );
  const height = 2 * margin + rowHeight * (bars.length + 1);
  const rows = bars.map(({ name, color, value, note }, i) => {
    const y = margin + rowHeight * (i + 1);
    const length = Math.max(value > 0 ? 1 : 0, (value / longest) * barWidth);
    const baseline = y + rowHeight / 2 + fontSize * 0.36;
    return (
      `<text x="${left - 8}" y="${baseline}" text-anchor="end">${escapeXml(name)}</text>` +
      `<rect x="${left}" y="${y + 4}" width="${length.toFixed(2)}" height="${rowHeight - 8}" fill="${hexOf(color)}" stroke="#777" stroke-width="0.5"/>` +
      `<text x="${left + length + 8}" y="${baseline}" fill="#555">${escapeXml(note)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="DejaVu Sans, sans-serif" font-size="${fontSize}" fill="#111"><rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="${margin}" y="${margin + fontSize}" font-weight="bold">${escapeXml(title)}</text>${rows.join("")}</svg>`
  );
}
