/** The picture with the classes over it, and what is under the pointer. */
import { classShares, drawClasses, type Palette } from "./classes.js";
import { byId, percent, swatch } from "./elements.js";
import type { Answer, Labels } from "./messages.js";

const stage = byId("stage", HTMLElement);
const picture = byId("picture", HTMLCanvasElement);
const overlay = byId("painted", HTMLCanvasElement);
const cross = byId("cross", HTMLElement);
const pointed = byId("pointed", HTMLElement);

/** How far an arrow key moves the pointer: a share of the picture. */
const keyStep = 0.02;

/** The stage of one page. */
export class Stage {
  readonly #palette: Palette;
  #labels: Labels | undefined;
  #off: readonly number[] = [];
  /** Where the pointer is, as shares of width and height. */
  #point: readonly [x: number, y: number] | undefined;

  constructor(palette: Palette) {
    this.#palette = palette;
    stage.addEventListener("pointermove", (event) => this.#pointAt(event));
    stage.addEventListener("pointerdown", (event) => this.#pointAt(event));
    stage.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") this.#moveTo(undefined);
    });
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("blur", () => this.#moveTo(undefined));
  }

  /** Shows an answer, in the frame's own proportions. */
  show({ picture: shown, labels }: Answer): void {
    const { width, height } = shown;
    if (picture.width !== width || picture.height !== height) Object.assign(picture, { width, height });
    stage.style.setProperty("--ratio", String(width / height));
    picture.getContext("2d")!.drawImage(shown, 0, 0);
    shown.close();
    this.#labels = labels;
    this.#paint();
  }

  /** @param off - classes that are not shown */
  setOff(off: readonly number[]): void {
    this.#off = off;
    this.#paint();
  }

  /** @param percentage - of the classes' colours */
  setOpacity(percentage: number): void {
    overlay.style.opacity = String(percentage / 100);
  }

  /** The picture as it is seen, or the classes alone in full colour, of the picture's size. */
  drawing(what: "picture" | "mask"): HTMLCanvasElement {
    const drawn = document.createElement("canvas");
    const { width, height } = picture;
    Object.assign(drawn, { width, height });
    const context = drawn.getContext("2d")!;
    context.imageSmoothingEnabled = false;
    if (what === "picture") {
      context.drawImage(picture, 0, 0);
      context.globalAlpha = Number(overlay.style.opacity);
      context.drawImage(overlay, 0, 0, width, height);
      return drawn;
    }
    const mask = document.createElement("canvas");
    drawClasses(mask, this.#labels!, this.#palette);
    context.drawImage(mask, 0, 0, width, height);
    return drawn;
  }

  #paint(): void {
    const labels = this.#labels;
    if (labels === undefined) return;
    drawClasses(overlay, labels, this.#palette, (k) => this.#isSeen(k));
    stage.setAttribute("aria-label", this.#summary(labels));
    this.#tell();
  }

  /** A black class, as backgrounds often are, leaves the picture as it is. */
  #isSeen(k: number): boolean {
    return !this.#off.includes(k) && this.#palette.colors[k]!.some((value) => value > 0);
  }

  #summary({ data }: Labels): string {
    const shares = classShares(data, this.#palette.classes.length);
    const largest = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!).filter((k) => shares[k]! > 0);
    const words = largest.slice(0, 4).map((k) => `${this.#palette.classes[k]} ${percent(shares[k]!)}`);
    return `Picture with classes: ${words.join(", ")}. Arrow keys name the class at a point.`;
  }

  #pointAt({ clientX, clientY }: PointerEvent): void {
    const { left, top, width, height } = stage.getBoundingClientRect();
    this.#moveTo([(clientX - left) / width, (clientY - top) / height]);
    cross.hidden = true;
  }

  #key(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-keyStep, 0],
      ArrowRight: [keyStep, 0],
      ArrowUp: [0, -keyStep],
      ArrowDown: [0, keyStep],
    };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const [x, y] = this.#point ?? [0.5, 0.5];
    const inside = (value: number) => Math.min(0.999, Math.max(0, value));
    this.#moveTo([inside(x + by[0]), inside(y + by[1])]);
    cross.hidden = false;
  }

  #moveTo(point: readonly [number, number] | undefined): void {
    this.#point = point;
    if (point === undefined) cross.hidden = true;
    else Object.assign(cross.style, { left: `${100 * point[0]}%`, top: `${100 * point[1]}%` });
    this.#tell();
  }

  /** Names the class at the point. */
  #tell(): void {
    const [labels, point] = [this.#labels, this.#point];
    if (labels === undefined || point === undefined) {
      pointed.textContent = labels ? "Point at the picture to name a class" : "";
      return;
    }
    const [x, y] = [Math.floor(point[0] * labels.width), Math.floor(point[1] * labels.height)];
    const label = labels.data[y * labels.width + x];
    if (label === undefined) return;
    pointed.replaceChildren(swatch(this.#palette.colors[label]!), this.#palette.classes[label]!);
  }
}
