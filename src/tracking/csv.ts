/** Tables as CSV, RFC 4180. */

export type CsvCell = string | number | boolean | null | undefined;

/** Rows under the union of their columns, in order of first appearance; what a row lacks is empty. */
export function csvOf(rows: readonly Readonly<Record<string, CsvCell>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(cell: CsvCell): string {
  const text = cell === null || cell === undefined ? "" : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
