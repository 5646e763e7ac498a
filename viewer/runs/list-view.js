/** The list of all runs: those under way first, then the newest. */

import { digits, element, note } from "../dom.js";
import { aboutRun, epochsOf, timeLeft } from "./words.js";

/** What a view is given: the runs by id, and the folder that is watched, if it is a whole one. */
export function listView() {
  const rows = new Map();
  const chosen = new Set();
  const empty = note("");
  const compare = element("button", { type: "button" }, "Compare");
  const body = element("tbody");
  const head = ["compare", "run", "state", "epochs", "best mean IoU"];
  const table = element(
    "table",
    { class: "runs" },
    element("caption", { class: "unseen" }, "Runs"),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        head.map((name) => element("th", { scope: "col" }, name)),
      ),
    ),
    body,
  );
  const choose = (id, isChosen) => {
    if (isChosen) chosen.add(id);
    else chosen.delete(id);
    compare.disabled = chosen.size < 2;
    compare.textContent =
      chosen.size < 2 ? "Compare: choose two runs or more" : `Compare ${chosen.size} runs`;
  };
  compare.addEventListener("click", () => {
    location.hash = `#/compare/${[...chosen].join(",")}`;
  });
  choose("", false);

  return {
    title: "snnseg runs",
    content: [element("h1", {}, "Runs"), element("div", { class: "controls" }, compare), table, empty],
    update({ runs, root }) {
      for (const [id, { row }] of rows) {
        if (runs.has(id)) continue;
        row.remove();
        rows.delete(id);
        choose(id, false);
      }
      const order = [...runs.values()].sort(
        (a, b) =>
          Number(b.state === "running") - Number(a.state === "running") || b.created.localeCompare(a.created),
      );
      for (const [i, run] of order.entries()) {
        if (!rows.has(run.id)) rows.set(run.id, listRow(run, choose));
        const { row, update } = rows.get(run.id);
        update(run);
        if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null);
      }
      table.hidden = runs.size === 0;
      compare.hidden = runs.size < 2;
      empty.hidden = runs.size > 0;
      empty.textContent =
        root === null
          ? "None of these runs is there any more."
          : `No runs in ${root} yet. One that begins there appears here.`;
    },
    close() {},
  };
}

function listRow({ id, name }, choose) {
  const box = element("input", { type: "checkbox", "aria-label": `compare ${name}` });
  box.addEventListener("change", () => choose(id, box.checked));
  const link = element("a", { href: `#/run/${id}` }, name);
  const about = element("small");
  const live = element(
    "a",
    { class: "live", href: `/api/runs/${id}/live`, "aria-label": `try it live: ${name}` },
    "try it live",
  );
  const state = element("span");
  const left = element("small");
  const progress = element("progress", { max: "1", value: "0", "aria-label": `epochs of ${name}` });
  const epochs = element("small");
  const score = element("b");
  const scoreEpoch = element("small");
  const row = element(
    "tr",
    {},
    element("td", {}, box),
    element("th", { scope: "row" }, link, about, live),
    element("td", {}, state, left),
    element("td", {}, progress, epochs),
    element("td", {}, score, scoreEpoch),
  );
  const update = (run) => {
    const { best, problem, epochsDone } = run;
    about.textContent = problem ?? aboutRun(run);
    live.hidden = !run.hasCheckpoint;
    state.className = `state ${run.state}`;
    state.textContent = problem === null ? run.state : `${run.state}, damaged`;
    left.textContent = timeLeft(run);
    progress.max = Math.max(1, run.epochs ?? epochsDone);
    progress.value = epochsDone;
    epochs.textContent = epochsOf(run);
    score.textContent = digits(best?.meanIoU);
    scoreEpoch.textContent = best === null ? "" : `epoch ${best.epoch}`;
  };
  return { row, update };
}
