/** Elements of the page by their id, and new ones. Text always becomes text nodes, never markup. */

/** @throws Error where the page has no such element, or it is of another kind */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`page: expected a ${kind.name} with the id ${id}, found none`);
}

/** An element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A little square of a colour. */
export function swatch([red, green, blue]: readonly [number, number, number]): HTMLElement {
  const made = element("i", { class: "swatch", "aria-hidden": "true" });
  made.style.background = `rgb(${red} ${green} ${blue})`;
  return made;
}

/** A canvas of the given pixels, drawn by `fill`: four bytes a pixel. */
export function drawPixels(
  canvas: HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
  fill: (rgba: Uint8ClampedArray) => void,
): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const image = new ImageData(width, height);
  fill(image.data);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}

/** With so many digits that the first three that count are seen. */
export function short(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** A share as percent; what is there is not called 0. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${(100 * share).toFixed(share < 0.0995 && share > 0 ? 1 : 0)} %`;
}
