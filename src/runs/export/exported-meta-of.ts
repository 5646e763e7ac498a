/** What an exported file says about a run's network. */
import { basename, dirname, extname } from "node:path";
import { type Config, holdsEvents } from "../../config/index.js";
import { channelScales, datasetKind, pictureFitting } from "../../datasets/index.js";
import { packageVersion } from "../../environment/index.js";
import type { EventInput, ExportedMeta, PictureInput } from "../../export/index.js";
import { architectureName } from "../../models/index.js";
import { datasetSpecOf } from "../../training/index.js";
import type { OpenedRun } from "../open-run.js";
import { classPalette } from "../predict/class-palette.js";

export async function exportedMetaOf({ file, meta, config, model }: OpenedRun): Promise<ExportedMeta> {
  const { classes } = meta;
  const { kind, inputChannels, arch } = model.config;
  return {
    name: nameOf(file),
    classes,
    colors: await classPalette(config, classes.length),
    input: holdsEvents(config) ? eventInput(config, inputChannels) : pictureInput(config, inputChannels),
    encoding: kind === "snn" ? config.encoding : "direct",
    timesteps: model.config.kind === "snn" ? model.config.timesteps : 1,
    architecture: architectureName(arch),
    snnseg: packageVersion(),
  };
}

/** Of the run folder that the checkpoint lies in, else of the file. */
function nameOf(file: string): string {
  const folder = dirname(file);
  if (basename(folder) === "checkpoints") return basename(dirname(folder));
  return basename(file, extname(file));
}

function pictureInput({ imgSize, preprocessing, ...config }: Config, channels: number): PictureInput {
  const scale = channelScales(preprocessing);
  const { fit } = pictureFitting({ imgSize, preprocessing, ...(config.fit && { fit: config.fit }) });
  return { kind: "picture", size: imgSize, channels, preprocessing, scale, fit };
}

function eventInput(config: Config, channels: number): EventInput {
  const spec = datasetSpecOf(config);
  const { frame, scaling, shown } = datasetKind(spec).framing!(spec);
  return { kind: "events", size: config.imgSize, channels, ...frame, scaling, ...(shown && { shown }) };
}
