/** Classes with their colours and shares; each can be switched off. */
import { classShares, type Palette } from "./classes.js";
import { byId, element, percent, swatch } from "./elements.js";
import type { Labels } from "./messages.js";

/** The list of classes. */
export class Legend {
  readonly #rows: readonly {
    readonly label: HTMLElement;
    readonly box: HTMLInputElement;
    readonly share: HTMLElement;
  }[];

  /** @param changed - hears which classes are off */
  constructor({ classes, colors }: Palette, changed: (off: readonly number[]) => void) {
    this.#rows = classes.map((name, k) => {
      const box = element("input", { type: "checkbox", checked: "" });
      const share = element("output", { "aria-live": "off" });
      const label = element("label", {}, box, swatch(colors[k]!), element("span", {}, name), share);
      box.addEventListener("change", () => changed(this.#off()));
      return { label, box, share };
    });
    byId("legend", HTMLElement).replaceChildren(...this.#rows.map(({ label }) => label));
  }

  setOff(off: readonly number[]): void {
    for (const [k, { box }] of this.#rows.entries()) box.checked = !off.includes(k);
  }

  /** Shares of the pixels. */
  show({ data }: Labels): void {
    const shares = classShares(data, this.#rows.length);
    for (const [k, { label, share }] of this.#rows.entries()) {
      label.classList.toggle("absent", shares[k] === 0);
      share.textContent = shares[k]! > 0 ? percent(shares[k]!) : "";
    }
  }

  #off(): number[] {
    return this.#rows.flatMap(({ box }, k) => (box.checked ? [] : [k]));
  }
}
