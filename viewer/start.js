/** Builds the page from the data in it. */

import { colorOf, drawCharts, drawn, fitCharts, redrawCharts } from "./charts.js";
import { element } from "./dom.js";
import { panels } from "./panels.js";

const data = JSON.parse(document.getElementById("report-data").textContent);
const report = { ...data, runs: data.runs.map((run, i) => ({ ...run, color: colorOf(i) })) };
document.getElementById("title").textContent = report.title;
document.getElementById("summary").textContent = report.summary;

const tabs = panels.flatMap(([name, build]) => {
  const content = build(report);
  if (content.length === 0) return [];
  const id = name.toLowerCase();
  const tab = element(
    "button",
    { role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, type: "button" },
    name,
  );
  const attributes = {
    role: "tabpanel",
    id: `panel-${id}`,
    "aria-labelledby": `tab-${id}`,
    tabindex: "0",
    hidden: "",
  };
  const panel = element("section", attributes, element("h2", {}, name), content);
  return [{ tab, panel }];
});

const list = document.getElementById("tabs");
list.append(...tabs.map(({ tab }) => tab));
document.getElementById("panels").append(...tabs.map(({ panel }) => panel));

function show(index, { focus = false } = {}) {
  for (const [i, { tab, panel }] of tabs.entries()) {
    tab.setAttribute("aria-selected", String(i === index));
    tab.tabIndex = i === index ? 0 : -1;
    panel.hidden = i !== index;
  }
  drawCharts(tabs[index].panel);
  fitCharts();
  if (focus) tabs[index].tab.focus();
}

for (const [i, { tab }] of tabs.entries()) {
  tab.addEventListener("click", () => show(i));
  tab.addEventListener("keydown", ({ key }) => {
    const target = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[key];
    if (target !== undefined) show((target + tabs.length) % tabs.length, { focus: true });
  });
}
// Panels that are hidden have no size of their own when everything is printed.
const printWidth = 680;
const root = document.documentElement;
addEventListener("beforeprint", () => {
  // Paper is white whatever the screen is.
  root.classList.add("printing");
  for (const { instance } of drawn.values()) instance.resize({ width: printWidth });
  redrawCharts();
  drawCharts(document.body, printWidth);
});
addEventListener("afterprint", () => {
  root.classList.remove("printing");
  redrawCharts();
  fitCharts();
});
addEventListener("resize", fitCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
show(0);
