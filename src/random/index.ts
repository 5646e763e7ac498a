/** Stateless seeded random numbers. */

// Numbers and orders
export { integer, normal, permutation, shuffled, uniform, uniformBetween } from "./distributions.js";
// A cursor over one stream
export { Draws } from "./draws.js";
// Seeds and raw bits
export { derive, randomBits } from "./hash.js";
