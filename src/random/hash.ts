/**
 * The counter-based random numbers of the project: every number is a pure function of a seed and an index.
 *
 * Nothing here has state, so the numbers of an example do not depend on which worker draws them, in which order,
 * or whether a run was interrupted. Not for cryptography.
 *
 * Two 32-bit lanes are mixed by the finalizer of MurmurHash3 (Appleby 2011), keyed twice so that a seed and
 * its successor share nothing. Counter-based generation: Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011.
 */
import { checkInteger, checkSeed } from "../checks/web.js";

const LANE = 2 ** 32;

/** Finalizer of MurmurHash3: a bijection of 32-bit integers in which every input bit moves every output bit. */
function mix(value: number): number {
  let x = value;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return x;
}

/**
 * 32 random bits, 0 … 2³² − 1, of the stream `seed` at position `index`.
 *
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @param index - an integer from 0 to 2³² − 1
 * @throws OptionError if one is not: rounded, it would silently be another stream or position
 */
export function randomBits(seed: number, index: number): number {
  checkSeed("random", seed);
  checkInteger("random", "index", index, { least: 0, most: LANE - 1 });
  return bitsOf(seed, index);
}

function bitsOf(seed: number, index: number): number {
  const low = seed >>> 0;
  const high = Math.floor(seed / LANE) >>> 0;
  const keyed = mix(index ^ mix(low ^ 0x9e3779b9));
  return mix(keyed + Math.imul(high, 0x27d4eb2f) + Math.imul(index, 0x165667b1) + low) >>> 0;
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * The seed of a sub-stream: equal paths give equal seeds, different paths unrelated ones.
 *
 * `derive(seed, "shuffle", epoch)` and `derive(seed, "augment", epoch, example)` are the intended use.
 *
 * @param path - names and non-negative integers
 * @throws OptionError if the seed or a number of the path is no integer of 0 or more
 * @returns a safe integer, 0 … 2⁵³ − 1, so that it survives JSON
 */
export function derive(seed: number, ...path: readonly (string | number)[]): number {
  checkSeed("derive", seed);
  let key = seed;
  for (const step of path) {
    if (typeof step !== "string") checkInteger("derive", "each number of the path", step, { least: 0 });
    const word = typeof step === "string" ? hashText(step) : step;
    const wordHigh = Math.floor(word / LANE);
    const salt = typeof step === "string" ? 0x5bd1e995 : 0;
    const low = bitsOf(key, (word ^ salt) >>> 0);
    const high = bitsOf(key + 1, (word + Math.imul(wordHigh, 0x3c6ef372) + 0x7f4a7c15 + salt) >>> 0);
    key = (high >>> 11) * LANE + low;
  }
  return key;
}
