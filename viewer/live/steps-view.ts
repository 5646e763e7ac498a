/** The answer after each timestep, small and side by side. */
import { drawClasses, type Palette } from "./classes.js";
import { byId, element, percent } from "./elements.js";
import type { Labels } from "./messages.js";

const section = byId("steps", HTMLElement);
const tiles = byId("step-tiles", HTMLElement);

/** @param steps - one a timestep; a single one is the answer itself, and not shown again */
export function showSteps(steps: readonly Labels[], palette: Palette): void {
  section.hidden = steps.length < 2;
  if (section.hidden) return;
  if (tiles.children.length !== steps.length) {
    tiles.replaceChildren(
      ...steps.map(() => element("figure", {}, element("canvas", { role: "img" }), element("figcaption"))),
    );
  }
  const last = steps.at(-1)!.data;
  for (const [t, labels] of steps.entries()) {
    const [canvas, caption] = tiles.children[t]!.children as unknown as [HTMLCanvasElement, HTMLElement];
    drawClasses(canvas, labels, palette);
    const same =
      labels.data.reduce((count, label, i) => count + (label === last[i] ? 1 : 0), 0) / last.length;
    const words = t === steps.length - 1 ? "the answer" : `${percent(same)} as at the end`;
    caption.textContent = `t = ${t + 1}: ${words}`;
    canvas.setAttribute("aria-label", `Classes after timestep ${t + 1}: ${words}`);
  }
}
