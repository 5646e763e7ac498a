/**
 * The short form of scripts/fuzz-operators, without sanitizers: every operator of ours is called, rightly and wrongly.
 * Should the process die, build/last-fuzz-call.js holds what it died of.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { makeCall, operators, programOf, runCall } from "./fuzz/calls.js";
import { validCalls } from "./fuzz/valid-calls.js";

const build = fileURLToPath(new URL("../build/", import.meta.url));
const seed = 1;
const callsOfEach = 50;

describe("native operators", () => {
  it("all have a call that must succeed", () => {
    expect(Object.keys(validCalls).sort()).toEqual(operators());
  });

  it("give a value or an error with a code, whatever they are called with", () => {
    mkdirSync(build, { recursive: true });
    const ended = { value: 0, error: 0, unmade: 0, failure: 0 };
    for (let index = 0; index < callsOfEach * operators().length; index++) {
      const call = makeCall(seed, index);
      writeFileSync(`${build}last-fuzz-call.js`, programOf(call));
      const outcome = runCall(call);
      ended[outcome.kind]++;
      if (outcome.kind === "failure")
        expect.fail(`seed ${seed}, call ${index}: ${outcome.why}\n${programOf(call)}`);
    }
    expect(ended.value).toBeGreaterThan(100);
    expect(ended.error).toBeGreaterThan(300);
  });
});
