/** The neuromorphic intermediate representation: graphs as plain data, their files, and networks as graphs. */

export type * from "./nir-graph.js";
export { nirObstacles } from "./nir-obstacles.js";
export { nirTarget } from "./nir-target.js";
export { type NirFile, readNir } from "./read-nir.js";
export { type RunNirOptions, runNir } from "./run-nir.js";
export { type NirExport, type NirSettings, toNir } from "./to-nir.js";
export { writeNir } from "./write-nir.js";
