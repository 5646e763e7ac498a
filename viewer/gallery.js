/** Predictions over their pictures: a slider for how much of them is seen, a choice of whose. */

import { digits, element, note } from "./dom.js";

export function galleryPanel(report) {
  const { examples, legend } = report.gallery;
  const choices = ["truth", ...report.runs.map(({ name }) => name)];
  const chooser = element(
    "select",
    { id: "overlay-of" },
    choices.map((name, i) =>
      element("option", i === 1 ? { value: String(i), selected: "" } : { value: String(i) }, name),
    ),
  );
  const slider = element("input", { id: "overlay-share", type: "range", min: "0", max: "100", value: "55" });
  const figures = examples.map((example) => {
    const below = element("img", { src: example.input, alt: `input of ${example.id}` });
    const above = element("img", { src: example.truth, alt: "" });
    const scores = report.runs.map(({ name }, r) => `${name} ${digits(example.scores[r])}`).join(" · ");
    const kind = example.why ? `${example.why}: ` : "";
    const figure = element(
      "figure",
      {},
      element("div", { class: "overlay" }, below, above),
      element("figcaption", {}, `${kind}${example.id}; mean IoU ${scores}`),
    );
    return { figure, above, layers: [example.truth, ...example.predictions], id: example.id };
  });
  const update = () => {
    const choice = Number(chooser.value);
    for (const { above, layers, id } of figures) {
      above.src = layers[choice];
      above.alt = `${choices[choice]} of ${id}`;
      above.style.opacity = String(Number(slider.value) / 100);
    }
  };
  chooser.addEventListener("change", update);
  slider.addEventListener("input", update);
  update();
  return [
    note("Mean IoU of single images, over the classes that occur in them."),
    element(
      "div",
      { class: "controls" },
      element("label", { for: "overlay-of" }, "Show ", chooser),
      element("label", { for: "overlay-share" }, "over the picture ", slider),
    ),
    element(
      "div",
      { class: "gallery" },
      figures.map(({ figure }) => figure),
    ),
    element(
      "ul",
      { class: "legend" },
      legend.map(({ name, color }) =>
        element("li", {}, element("i", { style: `background:${color}` }), name),
      ),
    ),
  ];
}
