/** Curves over epochs as SVG, drawn by ECharts without a browser. */
import { loadEcharts, withoutCharts } from "./echarts.js";
import { escapeXml } from "./xml.js";

/** One curve; points need not share their x with other curves. */
export type Curve = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };

export type LineChart = {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  /** `"log2"`: equal distances are doublings; every x is then above 0 (default `"linear"`). */
  readonly xScale?: "linear" | "log2";
  /** `"log10"`: every y is then above 0 (default `"linear"`). */
  readonly yScale?: "linear" | "log10";
  readonly curves: readonly Curve[];
  /** A dashed horizontal line, such as a baseline; the y axis then begins at 0. */
  readonly mark?: { readonly name: string; readonly y: number };
};

/** Colours of everything that must follow a page's light or dark look. */
export type ChartInk = { readonly text: string; readonly lines: string };

/** Readable on white paper. */
export const printInk: ChartInk = { text: "#333333", lines: "#dddddd" };
/** Takes the colours of the page that embeds the chart. */
export const pageInk: ChartInk = { text: "var(--muted)", lines: "var(--line)" };

/** Curve colours that differ in lightness too; readable on white and on near-black. */
const curveColors = ["#2f7ed8", "#e07b00", "#2a9d5c", "#b94fc4", "#c2403a", "#7a7a2a"];
// ECharts only passes on colours that it can parse, so variables are put in afterwards.
const placeholder = { text: "#0a0b0c", lines: "#0d0e0f" } satisfies ChartInk;

/** Draws a chart of the given size in pixels. */
export async function lineChartSvg(
  chart: LineChart,
  { width = 560, height = 300, ink = printInk }: { width?: number; height?: number; ink?: ChartInk } = {},
): Promise<string> {
  const echarts = await loadEcharts();
  if (echarts === undefined) return emptyChart(chart.title, { width, height, ink });
  const instance = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    instance.setOption(chartOption(chart));
    const svg = instance.renderToSVGString();
    return svg.replaceAll(placeholder.text, ink.text).replaceAll(placeholder.lines, ink.lines);
  } finally {
    instance.dispose();
  }
}

/** Says where the chart would be how to get it. */
function emptyChart(title: string, { width, height, ink }: { width: number; height: number; ink: ChartInk }) {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="DejaVu Sans, sans-serif" fill="${ink.text}"><text x="8" y="20" font-size="14" font-weight="bold">` +
    `${escapeXml(title)}</text><text x="8" y="${height / 2}" font-size="12">${withoutCharts}</text></svg>`
  );
}

function chartOption({ title, xName, yName, xScale = "linear", yScale = "linear", curves, mark }: LineChart) {
  const axis = {
    nameTextStyle: { color: placeholder.text },
    axisLabel: { color: placeholder.text },
    axisLine: { lineStyle: { color: placeholder.lines } },
    splitLine: { lineStyle: { color: placeholder.lines } },
  };
  const markLine = {
    symbol: "none",
    data: [{ yAxis: mark?.y ?? 0, name: mark?.name ?? "" }],
    lineStyle: { color: placeholder.text, type: "dashed" as const },
    label: { formatter: mark?.name ?? "", color: placeholder.text, position: "insideEndTop" as const },
  };
  return {
    animation: false,
    color: curveColors,
    textStyle: { fontFamily: "DejaVu Sans, sans-serif" },
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 14, color: placeholder.text } },
    legend: { show: curves.length > 1, top: 4, right: 8, textStyle: { color: placeholder.text } },
    grid: { left: 60, right: 24, top: 56, bottom: 44 },
    xAxis: {
      ...(xScale === "log2" ? { type: "log" as const, logBase: 2 } : { type: "value" as const }),
      name: xName,
      nameLocation: "middle" as const,
      nameGap: 28,
      minInterval: 1,
      ...axis,
    },
    yAxis: {
      type: yScale === "log10" ? ("log" as const) : ("value" as const),
      name: yName,
      scale: mark === undefined,
      ...axis,
    },
    series: curves.map((curve, i) => ({
      type: "line" as const,
      name: curve.name,
      data: curve.points.map(([x, y]) => [x, y]),
      showSymbol: curve.points.length < 40,
      symbolSize: 5,
      ...(i === 0 && mark !== undefined ? { markLine } : {}),
    })),
  };
}
