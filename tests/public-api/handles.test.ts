/** A public function leaves what it returns and nothing else, also where no scope is open around it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as api from "./all.js";
import { calls, type Inputs, makeInputs } from "./calls.js";
import { withoutTensors } from "./without-tensors.js";

/** Need a folder and data: src/training/whole-run.test.ts and the tests of src/runs count what they leave. */
const wholeRuns = [
  ...[
    "openRun",
    "loadModel",
    "saveModel",
    "openTrainedRun",
    "openPredictor",
    "predictPictures",
    "predictRecordings",
  ],
  ...["convertRun", "compareRuns", "report", "settleRun", "sweepRobustness"],
];

describe("the public functions", () => {
  it("are all in the table of calls, or known to touch no tensor", () => {
    const exported = Object.entries(api).flatMap(([name, value]) =>
      typeof value === "function" ? [name] : [],
    );
    const known = [...Object.keys(calls), ...withoutTensors, ...wholeRuns];
    expect(exported.filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !exported.includes(name))).toEqual([]);
    expect(known.length).toBe(new Set(known).size);
  });
});

describe("outside a scope", () => {
  let inputs: Inputs;
  beforeAll(() => {
    inputs = api.scope("inputs", () => {
      const made = makeInputs();
      forEachOwned(made, (owned) => owned instanceof api.Tensor && api.keep(owned));
      return made;
    });
  });
  afterAll(() => forEachOwned(inputs, (owned) => owned[Symbol.dispose]()));

  it.each(Object.entries(calls))("%s leaves what it returns", async (_, call) => {
    for (const each of Array.isArray(call) ? call : [call]) {
      const before = api.liveTensors();
      const result: unknown = await each(inputs);
      forEachOwned(result, (owned) => owned[Symbol.dispose]());
      expect(api.liveTensors()).toBe(before);
    }
  });
});

/** Tensors and their owners in a result: inside arrays, maps and plain objects. */
function forEachOwned(value: unknown, visit: (owned: Disposable) => void): void {
  if (value === null || typeof value !== "object") return;
  if (Symbol.dispose in value) visit(value as Disposable);
  else if (Array.isArray(value) || value instanceof Map)
    for (const each of value.values()) forEachOwned(each, visit);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const each of Object.values(value)) forEachOwned(each, visit);
  }
}
