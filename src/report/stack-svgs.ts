/** Several charts below each other as one SVG. */

/** @param charts - each with its size as `width="…" height="…"` in pixels */
export function stackSvgs(charts: readonly string[]): string {
  const sizes = charts.map(sizeOf);
  const width = Math.max(0, ...sizes.map((size) => size.width));
  let height = 0;
  const placed = charts.map((chart, i) => {
    const moved = chart.replace("<svg ", `<svg y="${height}" `);
    height += (sizes[i] as Extent).height;
    return moved;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="#fff"/>${placed.join("")}</svg>`
  );
}

type Extent = { readonly width: number; readonly height: number };

function sizeOf(svg: string): Extent {
  const head = svg.slice(0, svg.indexOf(">"));
  const side = (name: string) => Number(new RegExp(`\\s${name}="([\\d.]+)"`).exec(head)?.[1] ?? 0);
  return { width: side("width"), height: side("height") };
}
