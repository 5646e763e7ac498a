/** Options of an imported network and its data. */
import { type ConfigKey, configKeys, optionOf } from "../../config/index.js";

/** What only training does; nothing is trained here, so none of them is taken or recorded. */
const trainingKeys: readonly ConfigKey[] = [
  ...(["init", "pretrained", "initFrom", "rateTarget", "rateWeight"] as const),
  ...(["augment", "augmentScale", "augmentCrop", "cacheMb"] as const),
];

export const importOptions: readonly ConfigKey[] = configKeys.filter(
  (key) => ["Network", "Spiking", "Data"].includes(optionOf(key).group) && !trainingKeys.includes(key),
);
