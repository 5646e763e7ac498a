/** Elements and words of the page. Text always becomes text nodes, never markup. */

/** An element with attributes and children; children that are strings become text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.flat());
  return made;
}

/** A table; the first column heads its rows. Cells are text; `differs` marks rows by number. */
export function table({ caption, head, rows, text = [], differs = [] }) {
  const cells = (row) =>
    row.map((cell, i) =>
      i === 0
        ? element("th", { scope: "row" }, cell)
        : element("td", text.includes(i) ? { class: "text" } : {}, cell),
    );
  const body = rows.map((row, i) =>
    element("tr", differs.includes(i) ? { class: "differs" } : {}, cells(row)),
  );
  const heading = head.map((cell, i) =>
    element("th", text.includes(i) ? { scope: "col", class: "text" } : { scope: "col" }, cell),
  );
  const made = element(
    "table",
    {},
    caption ? element("caption", {}, caption) : [],
    element("thead", {}, element("tr", {}, heading)),
    element("tbody", {}, body),
  );
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption ?? head[0] },
    made,
  );
}

export const note = (words) => element("p", { class: "note" }, words);
export const heading = (words) => element("h3", {}, words);

/** A number with so many digits, or a dash. */
export const digits = (value, count = 4) => (typeof value === "number" ? value.toFixed(count) : "–");
export const percent = (value, count = 2) =>
  typeof value === "number" ? `${(100 * value).toFixed(count)} %` : "–";
export const signed = (value) => `${value < 0 ? "−" : "+"}${digits(Math.abs(value))}`;
export const interval = (range) => (range ? `${digits(range.low)} … ${digits(range.high)}` : "–");
export const signedInterval = (range) => (range ? `${signed(range.low)} … ${signed(range.high)}` : "–");
/** A difference with its interval. */
export const difference = (found) =>
  found ? `${signed(found.meanIoU)} (${signedInterval(found.interval)})` : "–";
/** Four digits that count, with separators. */
export const significant = (value) =>
  typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 4 }) : "–";
export const whole = (value) => (typeof value === "number" ? Math.round(value).toLocaleString("en") : "–");
/** Picojoules as microjoules. */
export const microjoules = (pj) => significant(typeof pj === "number" ? pj / 1e6 : undefined);
