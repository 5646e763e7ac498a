/** Shows what the address asks for, and keeps it true while the server tells what happens. */

import { fitCharts, forgetCharts, redrawCharts } from "../charts.js";
import { compareView } from "./compare-view.js";
import { listen } from "./connection.js";
import { listView } from "./list-view.js";
import { runView } from "./run-view.js";

const place = document.getElementById("view");
const connection = document.getElementById("connection");
/** The runs by id and the folder that is watched; `undefined` before the server's first word. */
let store;
let view;
let address;

/** `#/`, `#/run/ID` or `#/compare/ID,ID`. */
function viewOf(hash) {
  const [, kind, ids = ""] = hash.split("/");
  if (kind === "compare") return compareView(ids.split(","));
  if (kind === "run") return runView(ids, store.runs.get(ids) ?? { name: "No such run" });
  return listView();
}

function show() {
  if (store === undefined) return;
  if (address !== location.hash) {
    const moved = address !== undefined;
    address = location.hash;
    view?.close();
    forgetCharts(place);
    view = viewOf(address);
    document.title = view.title;
    place.replaceChildren(...view.content);
    if (moved) {
      scrollTo(0, 0);
      place.focus({ preventScroll: true });
    }
  }
  view.update(store);
}

listen({
  runs({ root, runs }) {
    store = { root, runs: new Map(runs.map((run) => [run.id, run])) };
    show();
  },
  run(run) {
    store.runs.set(run.id, run);
    show();
  },
  gone({ id }) {
    store.runs.delete(id);
    show();
  },
  state(state) {
    connection.textContent = { live: "live", lost: "no answer from snnseg serve; trying again" }[state];
    connection.className = state;
  },
});
addEventListener("hashchange", show);
addEventListener("resize", fitCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
// The time that is left goes by without news.
setInterval(show, 5000);
