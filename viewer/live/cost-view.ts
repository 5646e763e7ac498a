/** Operations and energy of an input, beside those of the ANN with the same layers. */

import type { LiveData, Operations } from "../../src/export/web/index.js";
import { byId, element, short } from "./elements.js";

const rows = byId("cost-rows", HTMLElement);

/** Writes what never changes. */
export function explainCost({ process, source, acPj, macPj }: LiveData["energy"]): void {
  byId("energy-head", HTMLElement).textContent = `energy, ${process}`;
  byId("cost-note", HTMLElement).textContent =
    `Synaptic operations in 32-bit floating point: ${acPj} pJ an addition, ${macPj} pJ a multiplication with its addition (${source}). Neurons, normalisation and memory come on top: snnseg energy counts them.`;
}

/** @param operations - of the input that is shown */
export function showCost(operations: Operations, { energy, costs, kind }: LiveData): void {
  const dense = costs.reduce((total, cost) => total + cost.dense, 0);
  const ann = { additions: 0, multiplications: dense };
  const own = energyOf(operations, energy);
  const twin = energyOf(ann, energy);
  const made = [row(kind === "ann" ? "this network" : "this spiking network", operations, own)];
  if (kind === "snn") made.push(row("the ANN with the same layers", ann, twin), ratio(twin / own));
  rows.replaceChildren(...made);
}

function energyOf({ additions, multiplications }: Operations, { acPj, macPj }: LiveData["energy"]): number {
  return additions * acPj + multiplications * macPj;
}

function row(name: string, { additions, multiplications }: Operations, pj: number): HTMLElement {
  const cells = [count(additions), count(multiplications), inUnits(pj)].map((text) =>
    element("td", {}, text),
  );
  return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
}

function ratio(factor: number): HTMLElement {
  const words = Number.isFinite(factor) ? `${short(factor)} : 1` : "–";
  const cells = ["", "", words].map((text) => element("td", {}, text));
  return element("tr", {}, element("th", { scope: "row" }, "ANN : spiking"), ...cells);
}

function count(value: number): string {
  return value >= 1e9 ? `${short(value / 1e9)} G` : value >= 1e6 ? `${short(value / 1e6)} M` : short(value);
}

function inUnits(pj: number): string {
  return pj >= 1e9 ? `${short(pj / 1e9)} mJ` : `${short(pj / 1e6)} µJ`;
}
