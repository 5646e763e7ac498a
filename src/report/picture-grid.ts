/**
 * A grid of pictures with column titles, row titles and a legend of class colours, as SVG with embedded PNG data:
 * input | prediction | truth of a run, and the examples of a data set.
 */
import { encodePicturePng, type RgbImage } from "../images/index.js";
import { hexOf, type LegendEntry } from "./colors.js";
import { enlarge } from "./label-image.js";
import { dataUri, escapeXml } from "./xml.js";

/** Pictures side by side under one title; missing ones leave a gap. */
export type PictureRow = { readonly title: string; readonly images: readonly (RgbImage | undefined)[] };

export type PictureGrid = {
  readonly columns: readonly string[];
  readonly rows: readonly PictureRow[];
  readonly legend: readonly LegendEntry[];
  readonly heading?: string;
  /** Width of a picture; default 220. */
  readonly cellWidth?: number;
};

const gap = 12;
const lineHeight = 18;
const fontSize = 13;
/** Average width of a letter of DejaVu Sans in units of the font size, on the wide side. */
const letterWidth = 0.64;

/** Draws the grid, without a line of column titles where all are empty; small pictures are enlarged by a whole factor. */
export function pictureGridSvg({ columns, rows, legend, heading, cellWidth = 220 }: PictureGrid): string {
  const width = gap + columns.length * (cellWidth + gap);
  const columnX = (column: number) => gap + column * (cellWidth + gap);
  const parts: string[] = [];
  let y = gap;
  const write = (text: string, x: number, style = "") => {
    parts.push(`<text x="${x}" y="${y + fontSize}" ${style}>${escapeXml(text)}</text>`);
  };
  if (heading !== undefined) {
    write(heading, gap, 'font-weight="bold"');
    y += lineHeight + 4;
  }
  if (columns.some((title) => title !== "")) {
    for (const [column, title] of columns.entries()) write(title, columnX(column), 'font-weight="bold"');
    y += lineHeight + 4;
  }
  for (const row of rows) {
    const heights = row.images.map((image, column) => {
      if (image === undefined) return 0;
      const height = Math.round((cellWidth * image.height) / image.width);
      parts.push(
        `<image x="${columnX(column)}" y="${y}" width="${cellWidth}" height="${height}" ` +
          `preserveAspectRatio="none" href="${embedded(image, cellWidth)}"/>` +
          `<rect x="${columnX(column)}" y="${y}" width="${cellWidth}" height="${height}" fill="none" stroke="#ccc"/>`,
      );
      return height;
    });
    y += Math.max(0, ...heights) + 2;
    write(row.title, gap, 'fill="#555"');
    y += lineHeight + gap;
  }
  y += drawLegend(legend, { y, width, parts });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" ` +
    `font-family="DejaVu Sans, sans-serif" font-size="${fontSize}" fill="#111">` +
    `<rect width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>`
  );
}

function embedded(image: RgbImage, cellWidth: number): string {
  const factor = Math.max(1, Math.ceil((2 * cellWidth) / image.width));
  return dataUri(encodePicturePng(enlarge(image, factor)), "image/png");
}

/** Swatches with names in lines of the picture's width; returns the height used. */
function drawLegend(
  legend: readonly LegendEntry[],
  { y: top, width, parts }: { y: number; width: number; parts: string[] },
): number {
  let x = gap;
  let y = top;
  for (const { name, color } of legend) {
    const entryWidth = 24 + name.length * fontSize * letterWidth;
    if (x > gap && x + entryWidth > width - gap) {
      x = gap;
      y += lineHeight + 4;
    }
    parts.push(
      `<rect x="${x}" y="${y + 1}" width="14" height="14" fill="${hexOf(color)}" stroke="#888"/>` +
        `<text x="${x + 20}" y="${y + fontSize}">${escapeXml(name)}</text>`,
    );
    x += entryWidth + gap;
  }
  return legend.length === 0 ? 0 : y - top + lineHeight + gap;
}
