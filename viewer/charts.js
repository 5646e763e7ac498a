/** Charts: drawn when their tab is first shown, redrawn in the page's colours, each with its values as a table. */

import { digits, element, heading, interval, percent, table } from "./dom.js";

const { echarts } = globalThis;
// They differ in lightness too, and keep 3:1 against white and near-black.
const runColors = ["#2f7ed8", "#c25e00", "#1f8a4c", "#a23fb0", "#c2403a", "#75752a"];
export const drawn = new Map();
const waiting = new Map();

/**
 * A chart and its values. `build(ink)` gives ECharts' options; `rows` are the values for those who read tables.
 */
function chart({ title, build, head, rows, height = 340 }) {
  const box = element("div", {
    class: "chart",
    style: `height:${height}px`,
    role: "img",
    "aria-label": title,
  });
  waiting.set(box, build);
  const values = element(
    "details",
    {},
    element("summary", {}, `Values of “${title}”`),
    table({ caption: title, head, rows }),
  );
  return element("div", {}, heading(title), box, values);
}

/** Draws what waits inside `panel`. */
export function drawCharts(panel, size) {
  for (const [box, build] of waiting) {
    if (!panel.contains(box)) continue;
    waiting.delete(box);
    const instance = echarts.init(box, null, { renderer: "svg", ...size });
    drawn.set(box, { instance, build });
    instance.setOption(withInk(build));
  }
}

export function redrawCharts() {
  for (const { instance, build } of drawn.values()) instance.setOption(withInk(build), true);
}

function withInk(build) {
  const style = getComputedStyle(document.documentElement);
  const ink = {
    text: style.getPropertyValue("--muted").trim(),
    line: style.getPropertyValue("--line").trim(),
  };
  const options = build(ink);
  const axis = (own) => ({
    ...own,
    nameTextStyle: { color: ink.text },
    axisLabel: { color: ink.text, ...own.axisLabel },
    axisLine: { lineStyle: { color: ink.line } },
    splitLine: { show: own.type === "value", lineStyle: { color: ink.line } },
  });
  return {
    animation: false,
    color: runColors,
    textStyle: { fontFamily: "system-ui, DejaVu Sans, sans-serif", color: ink.text },
    legend: { top: 0, textStyle: { color: ink.text } },
    grid: { left: 64, right: 24, top: 40, bottom: 48 },
    ...options,
    xAxis: axis(options.xAxis),
    yAxis: axis(options.yAxis),
  };
}

/** Lines over a number. Series: `{ name, points: [[x, y], …], band: [[x, low, high], …] }`. */
export function lines({ title, xName, yName, series, fromZero = false }) {
  const rows = series.flatMap(({ name, points, band }) =>
    points.map(([x, y], i) => [
      `${name}, ${xName} ${x}`,
      digits(y),
      band ? interval({ low: band[i][1], high: band[i][2] }) : "",
    ]),
  );
  const build = () => ({
    tooltip: { trigger: "axis", valueFormatter: (value) => digits(value) },
    xAxis: { type: "value", name: xName, nameLocation: "middle", nameGap: 30 },
    yAxis: { type: "value", name: yName, scale: !fromZero },
    series: series.flatMap(({ name, points, band }, i) => [
      { type: "line", name, data: points, symbolSize: 6, color: runColors[i % runColors.length] },
      ...(band ? [bandSeries(name, band, runColors[i % runColors.length])] : []),
    ]),
    legend: { top: 0, data: series.map(({ name }) => name), textStyle: {} },
  });
  return chart({ title, build, head: [`run, ${xName}`, yName, "95 % interval"], rows });
}

/** Vertical whiskers from low to high. */
function bandSeries(name, band, color) {
  return {
    type: "custom",
    name: `${name}, 95 %`,
    silent: true,
    tooltip: { show: false },
    data: band,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      const shape = { x1: x, y1: low, x2: x, y2: high };
      return { type: "line", shape, style: { stroke: color, lineWidth: 2, opacity: 0.6 } };
    },
  };
}

/** Grouped bars. Series: `{ name, values }` in the order of `categories`. */
export function bars({ title, categories, yName, series, logarithmic = false, format = digits }) {
  const rows = categories.map((category, k) => [category, ...series.map(({ values }) => format(values[k]))]);
  const build = () => ({
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value) => format(value) },
    xAxis: {
      type: "category",
      data: categories,
      axisLabel: { interval: 0, rotate: categories.length > 5 ? 40 : 0, width: 150, overflow: "truncate" },
    },
    yAxis: { type: logarithmic ? "log" : "value", name: yName },
    grid: { left: 72, right: 24, top: 40, bottom: categories.length > 5 ? 110 : 48 },
    series: series.map(({ name, values }) => ({
      type: "bar",
      name,
      data: values.map((value) => value ?? "-"),
    })),
  });
  return chart({ title, build, head: ["", ...series.map(({ name }) => name)], rows, height: 380 });
}

/** Shares in [0, `max`] as colours; `cells` are rows of columns. */
export function heatmap({ title, columns, rows: names, cells, xName, yName, max = 1, format = percent }) {
  const rows = names.map((name, y) => [name, ...cells[y].map((value) => format(value))]);
  const build = (ink) => ({
    tooltip: { formatter: ({ data }) => `${names[data[1]]}, ${columns[data[0]]}: ${format(data[2])}` },
    legend: { show: false },
    grid: { left: 110, right: 90, top: 16, bottom: 90 },
    xAxis: {
      type: "category",
      data: columns,
      name: xName,
      nameLocation: "middle",
      nameGap: 64,
      axisLabel: { rotate: columns.length > 12 ? 50 : 0 },
    },
    yAxis: { type: "category", data: names, name: yName, inverse: true },
    visualMap: {
      min: 0,
      max,
      right: 0,
      top: "middle",
      calculable: true,
      textStyle: { color: ink.text },
      formatter: (value) => format(value, 0),
      inRange: { color: ["#f3f6fb", "#8fc1e8", "#2f7ed8", "#123a6b"] },
    },
    series: [{ type: "heatmap", data: cells.flatMap((row, y) => row.map((value, x) => [x, y, value])) }],
  });
  const height = Math.max(280, 120 + 24 * names.length);
  return chart({ title, build, head: [yName ?? "", ...columns], rows, height });
}
