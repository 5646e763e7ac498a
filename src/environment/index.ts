/** What this process computes with: versions, machine, threads. */
export { engineWords, prepareEngine, versions } from "./environment.js";
export { packageVersion } from "./package-version.js";
