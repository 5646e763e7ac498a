/** Checks of options, and the words that they are refused with. */
export {
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkSeed,
  type IntegerRange,
  LARGEST_INT,
  type NumberRange,
  refuse,
  shown,
} from "./checks.js";
export { mostThreads } from "./most-threads.js";
export { nearestName, suggestion } from "./nearest-name.js";
