/** The live page of a network, and how it counts. */

export { countOperations, type LayerSent, type Operations } from "./count-operations.js";
export { inputSpikes, type LayerCost, layerCosts, type SpikesRead } from "./layer-costs.js";
export type { LiveData, PageExample } from "./live-data.js";
export { webNetworkTarget } from "./web-network-target.js";
export { webTarget } from "./web-target.js";
