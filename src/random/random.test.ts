import { describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { Draws, derive, integer, normal, permutation, randomBits, shuffled, uniform } from "./index.js";

const COUNT = 100_000;
/** Five standard errors of the statistic under test. */
const SIGMAS = 5;
/** What the first release drew; a change of these numbers changes the results of every run. */
const RELEASED_BITS = [1680814304, 3363331192, 3268554263];
const RELEASED_SEED = 1898685455231335;

function correlation(a: (i: number) => number, b: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) sum += (a(i) - 0.5) * (b(i) - 0.5);
  return (12 * sum) / COUNT;
}

describe("uniform", () => {
  it("fills the unit interval evenly", () => {
    const bins = new Array<number>(64).fill(0);
    for (let i = 0; i < COUNT; i++) {
      const bin = Math.floor(uniform(42, i) * 64);
      bins[bin] = (bins[bin] as number) + 1;
    }
    const expected = COUNT / 64;
    const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(63 + SIGMAS * Math.sqrt(2 * 63));
  });

  it("has no correlation between neighbouring positions and neighbouring seeds", () => {
    const bound = SIGMAS / Math.sqrt(COUNT);
    for (const lag of [1, 2, 3, 64]) {
      expect(
        Math.abs(
          correlation(
            (i) => uniform(7, i),
            (i) => uniform(7, i + lag),
          ),
        ),
      ).toBeLessThan(bound);
    }
    for (const seed of [8, 7 + 2 ** 32, derive(7, "a")]) {
      expect(
        Math.abs(
          correlation(
            (i) => uniform(7, i),
            (i) => uniform(seed, i),
          ),
        ),
      ).toBeLessThan(bound);
    }
    expect(
      Math.abs(
        correlation(
          (i) => uniform(i, 0),
          (i) => uniform(i + 1, 0),
        ),
      ),
    ).toBeLessThan(bound);
  });

  it("moves half of the bits when one bit of the seed or the index changes", () => {
    for (let bit = 0; bit < 32; bit++) {
      let flips = 0;
      for (let i = 0; i < 500; i++) {
        let changed = randomBits(i, 5 * i) ^ randomBits(i, ((5 * i) ^ (1 << bit)) >>> 0);
        for (; changed !== 0; changed &= changed - 1) flips++;
      }
      expect(flips / 500, `bit ${bit}`).toBeGreaterThan(14.5);
      expect(flips / 500, `bit ${bit}`).toBeLessThan(17.5);
    }
  });

  it("refuses seeds, positions and bounds that are none", () => {
    for (const bad of [Number.NaN, 0.9, -1, 2 ** 53]) {
      expect(() => randomBits(bad, 0)).toThrow(
        /^random: expected seed to be an integer of 0 or more, received/,
      );
      expect(() => randomBits(0, bad)).toThrow(OptionError);
      expect(() => uniform(bad, 0)).toThrow(OptionError);
      expect(() => normal(bad, 0)).toThrow(OptionError);
      expect(() => integer(0, 0, bad)).toThrow(OptionError);
      expect(() => permutation(bad, 3)).toThrow(OptionError);
      expect(() => permutation(0, bad)).toThrow(OptionError);
      expect(() => derive(bad, "a")).toThrow(OptionError);
      expect(() => derive(0, "a", bad)).toThrow(OptionError);
      expect(() => new Draws(bad)).toThrow(OptionError);
    }
  });

  it("keeps its numbers from one release to the next", () => {
    expect([0, 1, 2].map((i) => randomBits(0, i))).toEqual(RELEASED_BITS);
    expect(derive(0, "shuffle", 3)).toBe(RELEASED_SEED);
  });
});

describe("derive", () => {
  it("tells names, numbers and their order apart, and stays a safe integer", () => {
    const paths = [["a"], ["b"], ["a", 0], [0, "a"], ["a", 1], [1], [2 ** 32 + 1], ["1"], ["a", "b"], ["ab"]];
    const seeds = paths.map((path) => derive(3, ...path));
    expect(new Set(seeds).size).toBe(paths.length);
    expect(seeds.every(Number.isSafeInteger)).toBe(true);
  });

  it("has no collision among many examples and epochs", () => {
    const seen = new Set<number>();
    for (let epoch = 0; epoch < 20; epoch++) {
      for (let example = 0; example < 5000; example++) seen.add(derive(0, "augment", epoch, example));
    }
    expect(seen.size).toBe(COUNT);
  });
});

describe("normal", () => {
  it("has mean 0, variance 1 and normal tails", () => {
    let sum = 0;
    let squares = 0;
    let beyondTwo = 0;
    for (let i = 0; i < COUNT; i++) {
      const z = normal(9, i);
      sum += z;
      squares += z * z;
      if (Math.abs(z) > 2) beyondTwo++;
    }
    expect(Math.abs(sum / COUNT)).toBeLessThan(SIGMAS / Math.sqrt(COUNT));
    expect(Math.abs(squares / COUNT - 1)).toBeLessThan(SIGMAS * Math.sqrt(2 / COUNT));
    expect(Math.abs(beyondTwo / COUNT - 0.0455)).toBeLessThan(0.004);
  });
});

describe("permutation", () => {
  it("contains every index once and puts each anywhere equally often", () => {
    expect(Array.from(permutation(1, 1000)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const counts = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 5000; seed++) {
      const place = permutation(seed, 5).indexOf(0);
      counts[place] = (counts[place] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(SIGMAS * Math.sqrt(800));
    expect(shuffled(4, ["a", "b", "c"]).sort()).toEqual(["a", "b", "c"]);
    expect(permutation(0, 0)).toHaveLength(0);
  });
});

describe("Draws", () => {
  it("repeats the stream from its start and keeps normals off the positions already drawn", () => {
    const draws = new Draws(5);
    expect(draws.uniform()).toBe(uniform(5, 0));
    expect(draws.normal()).toBe(normal(5, 1));
    expect(draws.integer(10)).toBe(integer(5, 4, 10));
    expect(new Draws(5).between(2, 4)).toBe(2 + 2 * uniform(5, 0));
  });
});
