/** Networks as files for pages and programs of one's own. */
import { readModel } from "../../web/index.js";
import type { ExportTarget } from "../export-target.js";
import { webInput } from "./web-input.js";
import { writeWebModel } from "./write-web-model.js";

export const webNetworkTarget: ExportTarget = {
  suffix: ".web.safetensors",
  about: "the network of such a page alone, for snnseg/web",
  takes: [],
  write: (network, meta) => ({
    bytes: writeWebModel(network, { ...meta, input: webInput(meta) }),
    notes: [],
  }),
  describe(bytes) {
    const { description } = readModel(bytes as Uint8Array<ArrayBuffer>);
    const { kind, timesteps, classes, input } = description;
    const [height, width] = input.size;
    const time = kind === "snn" ? `spiking, ${timesteps} timesteps` : "not spiking";
    return `${time}, ${width} x ${height} ${input.kind === "events" ? "event frames" : "pictures"} to ${classes.length} classes`;
  },
};
