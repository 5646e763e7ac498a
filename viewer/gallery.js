/** Predictions over their pictures: a slider for how much of them is seen, a choice of whose. */

import { digits, element, note } from "./dom.js";

export function galleryPanel({ gallery: { examples, legend }, runs }) {
  const names = ["truth", ...runs.map(({ name }) => name)];
  const allOfThem = names.length;
  const chooser = element(
    "select",
    { id: "overlay-of" },
    [...names, "all side by side"].map((name, i) =>
      element("option", i === 1 ? { value: String(i), selected: "" } : { value: String(i) }, name),
    ),
  );
  const slider = element("input", { id: "overlay-share", type: "range", min: "0", max: "100", value: "55" });
  const figures = examples.map((example) => {
    const pictures = element("div", { class: "overlays" });
    const kind = example.why ? `${example.why}: ` : "";
    const scores = runs.map(({ name }, r) => element("span", {}, `${name} ${digits(example.scores[r])}`));
    const caption = element("figcaption", {}, element("b", {}, `${kind}${example.id}`), scores);
    return { example, pictures, figure: element("figure", {}, pictures, caption) };
  });
  const grid = element(
    "div",
    { class: "gallery" },
    figures.map(({ figure }) => figure),
  );
  const update = () => {
    const choice = Number(chooser.value);
    const shown = choice === allOfThem ? names.map((_, i) => i) : [choice];
    grid.classList.toggle("wide", shown.length > 1);
    for (const { example, pictures } of figures) {
      pictures.style.gridTemplateColumns = `repeat(${shown.length}, minmax(0, 1fr))`;
      pictures.replaceChildren(
        ...shown.map((i) => overlay(example, { name: names[i], index: i, titled: shown.length > 1 })),
      );
    }
    fade();
  };
  const fade = () => {
    for (const above of grid.querySelectorAll(".overlay img + img")) {
      above.style.opacity = String(Number(slider.value) / 100);
    }
  };
  chooser.addEventListener("change", update);
  slider.addEventListener("input", fade);
  update();
  return [
    note("Mean IoU of single images, over the classes that occur in them."),
    element(
      "div",
      { class: "controls" },
      element("label", { for: "overlay-of" }, "Show ", chooser),
      element("label", { for: "overlay-share" }, "over the picture ", slider),
    ),
    grid,
    element(
      "ul",
      { class: "legend" },
      legend.map(({ name, color }) =>
        element("li", {}, element("i", { style: `background:${color}` }), name),
      ),
    ),
  ];
}

/** The picture with the truth (index 0) or a run's prediction over it. */
function overlay(example, { name, index, titled }) {
  const above = [example.truth, ...example.predictions][index];
  return element(
    "div",
    {},
    titled ? element("small", {}, name) : [],
    element(
      "div",
      { class: "overlay" },
      element("img", { src: example.input, alt: `input of ${example.id}` }),
      element("img", { src: above, alt: `${name} of ${example.id}` }),
    ),
  );
}
