/** Inference without libtorch and without Node. */

export type {
  BeginOptions,
  ChannelScale,
  EventInput,
  LayerActivity,
  LayerDescription,
  ModelDescription,
  OpenOptions,
  PictureInput,
  WebNetwork,
} from "./network.js";
