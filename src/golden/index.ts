/** Golden numbers: checking our results against those of the reference implementation. */
export { type CaseReport, checkCase } from "./check-case.js";
export { listCases } from "./golden-case.js";
