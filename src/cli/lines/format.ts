/** Numbers and tables as people read them. */

/** Seconds as `45 s`, `3 min 20 s` or `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Counts with a unit letter: `950`, `12.3 k`, `4.56 M`, `7.89 G`. */
export function formatCount(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toPrecision(3)}${units[unit]}`;
}

/** A share as a figure with 4 decimals; `–` where it is not defined. */
export function formatShare(share: number | null): string {
  return share === null ? "–" : share.toFixed(4);
}

/** A share in percent with 2 decimals. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Rows in aligned columns, two spaces apart; columns of numbers (all but `left` first ones) align right. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { left = 1 }: { readonly left?: number } = {},
): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    ),
  );
  return lines.map((cells) => cells.join("  ").trimEnd()).join("\n");
}
