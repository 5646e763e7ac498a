import { describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkOneOf, checkSeed } from "./index.js";

/** A list that holds itself, as an alias of YAML makes one. */
const itself: unknown[] = [1];
itself.push(itself);

describe("checks", () => {
  it("let good values pass", () => {
    checkInteger("f", "n", 1);
    checkInteger("f", "n", 0, { least: 0, most: 0 });
    checkNumber("f", "x", -1e300);
    checkNumber("f", "x", 1, { above: 0, most: 1 });
    checkBoolean("f", "on", false);
    checkOneOf("f", "mode", "a", ["a", "b"]);
    checkKeys("f", { a: 1 }, new Set(["a", "b"]));
    checkSeed("f", 2 ** 53 - 1);
  });

  it.each([
    [() => checkSeed("rand", Number.NaN), "rand: expected seed to be an integer of 0 or more, received NaN"],
    [() => checkInteger("f", "n", 0.5), "f: expected n to be an integer of 1 or more, received 0.5"],
    [() => checkInteger("f", "n", "3"), 'f: expected n to be an integer of 1 or more, received "3"'],
    [() => checkInteger("f", "n", 9, { most: 8 }), "f: expected n to be an integer from 1 to 8, received 9"],
    [() => checkNumber("f", "x", undefined), "f: expected x to be a finite number, received undefined"],
    [() => checkNumber("f", "x", 0, { above: 0 }), "f: expected x to be a finite number above 0, received 0"],
    [
      () => checkNumber("f", "x", -1, { least: 0 }),
      "f: expected x to be a finite number of 0 or more, received -1",
    ],
    [
      () => checkNumber("f", "x", 2, { most: 1 }),
      "f: expected x to be a finite number of 1 or less, received 2",
    ],
    [() => checkNumber("f", "x", 2, { below: 1 }), "f: expected x to be a finite number below 1, received 2"],
    [
      () => checkNumber("f", "x", 0, { above: 0, most: 1 }),
      "f: expected x to be a finite number in (0, 1], received 0",
    ],
    [
      () => checkNumber("f", "x", 1, { least: 0, below: 1 }),
      "f: expected x to be a finite number in [0, 1), received 1",
    ],
    ...[1e300, 1e-300].map((x): [() => void, string] => [
      () => checkNumber("f", "x", x, { above: 0, float32: true }),
      `f: expected x to be a finite number above 0 as a float32, received ${x}`,
    ]),
    [
      () => checkNumber("f", "x", -1, { above: 0, float32: true }),
      "f: expected x to be a finite number above 0, received -1",
    ],
    [() => checkNumber("f", "x", itself), "f: expected x to be a finite number, received [1, [1, […]]]"],
    [() => checkBoolean("f", "on", 1), "f: expected on to be true or false, received 1"],
    [
      () => checkOneOf("f", "reset", "sof", ["soft", "hard"]),
      'reset to be one of soft, hard, received "sof"; did you mean soft?',
    ],
    [
      () => checkOneOf("f", "reset", [1, null], ["soft"]),
      "f: expected reset to be one of soft, received [1, null]",
    ],
    [() => checkOneOf("f", "reset", {}, ["soft"]), "f: expected reset to be one of soft, received an Object"],
    [
      () => checkKeys("f", { lead: 1 }, new Set(["leak"])),
      "f: expected known options, received lead; did you mean leak?",
    ],
    [
      () => checkKeys("f", { zzzzzz: 1 }, new Set(["a", "b"])),
      "f: expected known options, received zzzzzz; choose among a, b",
    ],
    [() => checkKeys("f", null as never, new Set()), "f: expected options to be an object, received null"],
  ])("say what was expected and what came: case %#", (check, message) => {
    expect(check).toThrow(OptionError);
    expect(check).toThrow(message);
  });
});
