/** Checks of options, and the words that they are refused with. */
export { mostThreads } from "./most-threads.js";
export * from "./web.js";
