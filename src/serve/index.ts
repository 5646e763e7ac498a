/** A local page that watches runs. */

export type { RunDetail, RunOverview } from "./run-overview.js";
export { loopbackHosts, RunServer } from "./run-server.js";
export type { Watched } from "./run-watch.js";
