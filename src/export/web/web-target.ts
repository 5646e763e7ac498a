/** Networks as live pages. */
import { publishedEnergies } from "../../energy/index.js";
import type { ExportedView, ExportTarget } from "../export-target.js";
import type { ExportedMeta } from "../exported-meta.js";
import type { FoldedNetwork } from "../folded-network.js";
import { generatedPicture } from "./generated-picture.js";
import { layerCosts } from "./layer-costs.js";
import type { LiveData, PageExample } from "./live-data.js";
import { describePage, livePage } from "./live-page.js";
import { webInput } from "./web-input.js";
import { writeWebModel } from "./write-web-model.js";

export const webTarget: ExportTarget = {
  suffix: ".html",
  about: "a page in which it segments live, one file that works offline",
  takes: [],
  async write(network, meta, { view }) {
    const data = liveData(network, meta, await view());
    const model = writeWebModel(network, { ...meta, input: webInput(meta) });
    return { bytes: await livePage(data, model), notes: [] };
  },
  describe: (html) => describePage(html as string),
};

function liveData(network: FoldedNetwork, meta: ExportedMeta, view: ExportedView): LiveData {
  const [{ name: process, source, macPj, acPj }] = publishedEnergies.processes as [
    (typeof publishedEnergies.processes)[0],
  ];
  const { size } = meta.input;
  const shown = meta.input.kind === "events" ? meta.input.shown : undefined;
  const example = pageExample(meta, view);
  return {
    title: meta.name,
    about: about(network, meta),
    ...{ kind: network.kind, sees: meta.input.kind },
    ...(shown && { shown }),
    costs: layerCosts(view.config, { size, encoding: meta.encoding }),
    energy: { process, source, macPj, acPj },
    ...(example && { example }),
  };
}

function about(
  { kind, timesteps, activations }: FoldedNetwork,
  { architecture, input }: ExportedMeta,
): string {
  const [height, width] = input.size;
  const first = activations.values().next().value;
  const levels = first?.kind === "spiking" ? first.levels : undefined;
  const sends = levels === undefined ? "spiking neurons" : `neurons that send integers 0 to ${levels}`;
  const over = timesteps === 1 ? "1 timestep" : `${timesteps} timesteps`;
  const what = kind === "ann" ? "not spiking" : `${sends}, ${over}`;
  return `${architecture}, ${what}, ${width} × ${height} ${input.kind === "events" ? "event frames" : "pictures"}`;
}

function pageExample({ input }: ExportedMeta, { example }: ExportedView): PageExample | undefined {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  if (example === undefined) {
    if (input.kind === "events") return undefined;
    return { name: "generated picture", picture: base64(generatedPicture(input.size)) };
  }
  const { name, picture, frame } = example;
  const bytes = frame && Uint8Array.from(frame, (value) => Math.round(value * 254) + 128);
  return { name, picture: base64(picture), ...(bytes && { frame: base64(bytes) }) };
}
