/** A chart whose content changes while it is looked at. */

import { chartBox, rebuildChart } from "../charts.js";
import { element, heading, note, table } from "../dom.js";

/**
 * A chart of `linesOf` or `barsOf`. Until there is something to show, `waiting` says what it waits for. Its table of values is
 * made when it is opened.
 *
 * @returns the element, and `update(description)`
 */
export function liveChart(description, waiting) {
  let current = description;
  const box = chartBox(description);
  const summary = element("summary", {}, `Values of “${description.title}”`);
  const values = element("details", {}, summary);
  const words = note(waiting);
  const figure = element("div", {}, heading(description.title), words, box, values);
  const fill = () => {
    const { title, head, rows } = current;
    values.replaceChildren(summary, ...(values.open ? [table({ caption: title, head, rows })] : []));
  };
  const show = () => {
    const empty = current.rows.length === 0;
    words.hidden = !empty;
    box.hidden = empty;
    values.hidden = empty;
    fill();
  };
  values.addEventListener("toggle", fill);
  show();
  return {
    figure,
    update(next) {
      current = next;
      if (next.height !== undefined) box.style.height = `${next.height}px`;
      rebuildChart(box, next.build);
      show();
    },
  };
}
