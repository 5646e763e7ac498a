/** Charts: drawn when their tab is first shown, redrawn in the page's colours, each with its values as a table. */

import { digits, element, heading, interval, percent, table } from "./dom.js";

const { echarts } = globalThis;
// They differ in lightness too, and keep 3:1 against white and near-black.
const seriesColors = ["#2f7ed8", "#c25e00", "#1f8a4c", "#a23fb0", "#c2403a", "#75752a"];
/** Marks on longer lines would hide them, and so would those of many lines. */
const mostMarked = 60;
const mostMarks = 600;
/** A run has the same colour in all charts. */
export const colorOf = (index) => seriesColors[index % seriesColors.length];
export const drawn = new Map();
const waiting = new Map();

/** The place of a chart, drawn once it is shown. `build(ink)` gives ECharts' options. */
export function chartBox({ title, build, height = 340 }) {
  const box = element("div", {
    class: "chart",
    style: `height:${height}px`,
    role: "img",
    "aria-label": title,
  });
  waiting.set(box, build);
  return box;
}

/** A chart and its values: `rows` are for those who read tables. */
function chart({ title, build, head, rows, height }) {
  const box = chartBox({ title, build, height });
  const values = element(
    "details",
    {},
    element("summary", {}, `Values of “${title}”`),
    table({ caption: title, head, rows }),
  );
  return element("div", {}, heading(title), box, values);
}

/** Gives a chart other content; the box stays, and with it what points at it. */
export function rebuildChart(box, build) {
  const shown = drawn.get(box);
  if (shown === undefined) {
    waiting.set(box, build);
    return;
  }
  shown.build = build;
  // What the reader has chosen in the legend stays.
  shown.instance.setOption(withInk(build), { replaceMerge: ["series"] });
}

/** Frees the charts inside `panel`, which is shown no more. */
export function forgetCharts(panel) {
  for (const box of waiting.keys()) if (panel.contains(box)) waiting.delete(box);
  for (const [box, { instance }] of drawn) {
    if (!panel.contains(box)) continue;
    instance.dispose();
    drawn.delete(box);
  }
}

/** Draws what waits inside `panel`, `width` pixels wide where the panel itself has no width. */
export function drawCharts(panel, width) {
  for (const [box, build] of waiting) {
    if (!panel.contains(box) || box.hidden) continue;
    waiting.delete(box);
    if (echarts === undefined) {
      box.append("Charts need the package echarts: npm install echarts, then make the page again.");
      continue;
    }
    const size = width === undefined ? {} : { width, height: Number.parseFloat(box.style.height) };
    const instance = echarts.init(box, null, { renderer: "svg", ...size });
    drawn.set(box, { instance, build });
    instance.setOption(withInk(build));
  }
}

/** Makes charts as wide as their places, where these are shown. */
export function fitCharts() {
  for (const [box, { instance }] of drawn) if (box.clientWidth > 0) instance.resize({ width: "auto" });
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
    axisLine: { onZero: false, lineStyle: { color: ink.line } },
    splitLine: { show: own.type !== "category", lineStyle: { color: ink.line } },
  });
  return {
    animation: false,
    color: seriesColors,
    textStyle: { fontFamily: "system-ui, DejaVu Sans, sans-serif", color: ink.text },
    grid: { left: 64, right: 24, top: 40, bottom: 48 },
    ...options,
    legend: { top: 0, type: "scroll", ...options.legend, textStyle: { color: ink.text } },
    xAxis: axis(options.xAxis),
    yAxis: axis(options.yAxis),
  };
}

/** Lines over a number, drawn, with their values. */
export const lines = (options) => chart(linesOf(options));

/**
 * Lines over a number. Series: `{ name, color, points: [[x, y], …], band: [[x, low, high], …], style }`; the style is
 * `"line"` unless it is `"points"` or `"step"`. `guide` draws y = x.
 */
export function linesOf({
  title,
  xName,
  yName,
  series,
  fromZero = false,
  whole = false,
  guide,
  height,
  format = digits,
}) {
  const rows = series.flatMap(({ name, points, band }) =>
    points.map(([x, y], i) => [
      `${name}, ${xName} ${x}`,
      format(y),
      band ? interval({ low: band[i][1], high: band[i][2] }) : "",
    ]),
  );
  const build = (ink) => ({
    tooltip: { trigger: "axis", valueFormatter: (value) => format(value) },
    xAxis: {
      type: "value",
      name: xName,
      nameLocation: "middle",
      nameGap: 30,
      scale: true,
      ...(whole ? { minInterval: 1 } : {}),
      ...(guide ? { min: 0, max: 1 } : {}),
    },
    yAxis: { type: "value", name: yName, scale: !fromZero, ...(guide ? { min: 0, max: 1 } : {}) },
    series: [
      ...series.flatMap(({ name, points, band, color, style }, i) => [
        {
          type: style === "points" ? "scatter" : "line",
          name,
          data: points,
          symbol: style === "points" ? "diamond" : "circle",
          symbolSize: style === "points" ? 11 : 6,
          showSymbol: style !== "step" && points.length <= Math.min(mostMarked, mostMarks / series.length),
          ...(style === "step" ? { step: "middle", areaStyle: { opacity: 0.12 } } : {}),
          color,
        },
        ...(band ? [bandSeries(name, band, { color, shift: 5 * (i - (series.length - 1) / 2) })] : []),
      ]),
      ...(guide ? [guideSeries(guide, ink)] : []),
    ],
    legend: { data: [...series.map(({ name }) => name), ...(guide ? [guide] : [])] },
  });
  return { title, build, head: [`run, ${xName}`, yName, "95 % interval"], rows, height };
}

/** Vertical whiskers from low to high, moved sideways so that those of several runs stay apart. */
function bandSeries(name, band, { color, shift }) {
  return {
    type: "custom",
    name: `${name}, 95 %`,
    silent: true,
    clip: false,
    tooltip: { show: false },
    encode: { x: 0, y: [1, 2] },
    data: band,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      const shape = { x1: x + shift, y1: low, x2: x + shift, y2: high };
      return { type: "line", shape, style: { stroke: color, lineWidth: 2, opacity: 0.7 } };
    },
  };
}

function guideSeries(name, ink) {
  return {
    type: "line",
    name,
    silent: true,
    tooltip: { show: false },
    symbol: "none",
    color: ink.text,
    lineStyle: { type: "dashed", width: 1 },
    data: [
      [0, 0],
      [1, 1],
    ],
  };
}

/** Grouped bars, drawn, with their values. */
export const bars = (options) => chart(barsOf(options));

/**
 * Grouped bars. Series: `{ name, color, values }` in the order of `categories`; lying ones leave `room` pixels for long names.
 */
export function barsOf({
  title,
  categories,
  yName,
  series,
  lying = false,
  room = 280,
  logarithmic = false,
  format = digits,
}) {
  const rows = categories.map((category, k) => [category, ...series.map(({ values }) => format(values[k]))]);
  const steep = !lying && categories.length > 5;
  const names = {
    type: "category",
    data: categories,
    inverse: lying,
    axisLabel: lying
      ? { interval: 0, width: room - 20, overflow: "break", lineHeight: 14 }
      : { interval: 0, rotate: steep ? 40 : 0, width: 150, overflow: "truncate" },
  };
  const values = {
    type: logarithmic ? "log" : "value",
    name: yName,
    ...(lying ? { nameLocation: "middle", nameGap: 28 } : {}),
  };
  const build = () => ({
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value) => format(value) },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    grid: lying
      ? { left: room, right: 32, top: 36, bottom: 48 }
      : { left: 72, right: 24, top: 40, bottom: steep ? 110 : 48 },
    series: series.map(({ name, values: data, color }) => ({
      type: "bar",
      name,
      color,
      data: data.map((value) => value ?? "-"),
    })),
  });
  const height = lying ? 100 + categories.length * (16 + 14 * series.length) : 380;
  return { title, build, head: ["", ...series.map(({ name }) => name)], rows, height };
}

/** Shares in [0, `max`] as colours; `cells` are rows of columns. */
export function heatmap({ title, columns, rows: names, cells, xName, yName, max = 1, format = percent }) {
  const rows = names.map((name, y) => [name, ...cells[y].map((value) => format(value))]);
  const steep = columns.length > 8 && columns.some((name) => name.length > 2);
  const build = (ink) => ({
    tooltip: { formatter: ({ data }) => `${names[data[1]]}, ${columns[data[0]]}: ${format(data[2])}` },
    legend: { show: false },
    grid: { left: 120, right: 84, top: 8, bottom: steep ? 96 : 48 },
    xAxis: {
      type: "category",
      data: columns,
      name: xName,
      nameLocation: "middle",
      nameGap: steep ? 76 : 30,
      axisLabel: {
        rotate: steep ? 50 : 0,
        interval: steep ? 0 : "auto",
        width: 90,
        overflow: "truncate",
      },
    },
    yAxis: {
      type: "category",
      data: names,
      name: yName,
      nameLocation: "middle",
      nameGap: 98,
      inverse: true,
      axisLabel: { width: 84, overflow: "truncate", interval: 0 },
    },
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
  const height = Math.max(240, (steep ? 110 : 64) + 24 * names.length);
  return chart({ title, build, head: [yName ?? "", ...columns], rows, height });
}
