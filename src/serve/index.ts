/** A local page that watches runs. */
export { loopbackHosts, RunServer } from "./run-server.js";
export type { Watched } from "./run-watch.js";
