/** What labels mean, without scores of them. */
export { voidLabel } from "./void-label.js";
