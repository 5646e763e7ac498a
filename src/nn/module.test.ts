import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keep, liveTensors, type NamedArray, ones, scope } from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";
import { Adam, BatchNorm2d, Conv2d, loadState, Module, readState } from "./index.js";

/** A module whose registrations are open to tests. */
class Open extends Module {
  readonly addParameter = this.parameter.bind(this);
  readonly addBuffer = this.buffer.bind(this);
  readonly addChild = this.child.bind(this);
}

let before = 0;
beforeEach(() => {
  before = liveTensors();
});
afterEach(() => {
  expect(liveTensors()).toBe(before);
});

describe("names of a module", () => {
  it("are used once: a second parameter or part does not push out the first", () => {
    using module = new Open();
    scope("test", () => {
      const first = module.addParameter("w", ones([2]));
      module.addChild("part", new BatchNorm2d(2, "cpu"));
      const second = ones([2]);
      for (const name of ["w", "part"]) {
        expect(() => module.addParameter(name, second)).toThrow(
          `Open: expected a name that no parameter, buffer or part has yet, received ${name}`,
        );
        expect(() => module.addBuffer(name, second)).toThrow(OptionError);
        expect(() => module.addChild(name, module)).toThrow(OptionError);
      }
      expect(module.parameters().get("w")).toBe(first);
      expect(second.disposed).toBe(false);
    });
  });

  it("of buffers may be given again: the old tensor is freed, the same one stays", () => {
    using module = new Open();
    const [first, second] = [ones([2]), ones([3])];
    module.addBuffer("b", first);
    module.addBuffer("b", first);
    expect(first.disposed).toBe(false);
    module.addBuffer("b", second);
    expect(first.disposed).toBe(true);
    expect(module.buffers().get("b")).toBe(second);
  });
});

describe("a part with two names", () => {
  it("counts once, and an optimizer moves its weights once", () => {
    using module = new Open();
    const shared = new Conv2d({
      inputs: 1,
      outputs: 1,
      kernelSize: 1,
      init: "xavier",
      seed: 1,
      device: "cpu",
    });
    module.addChild("a", shared);
    module.addChild("b", shared);
    module.addParameter("tied", shared.weight);
    expect([...module.parameters().keys()]).toEqual(["tied"]);
    expect(module.state().size).toBe(1);
    scope("step", () => {
      const start = shared.weight.item();
      shared.forward(ones([1, 1, 1, 1])).backward();
      using optimizer = new Adam(module.parameters(), { lr: 0.1 });
      optimizer.step();
      expect(Math.abs(shared.weight.item() - start)).toBeCloseTo(0.1, 4);
    });
  });

  it("cannot be the whole", () => {
    using outer = new Open();
    const inner = new Open();
    outer.addChild("inner", inner);
    expect(() => inner.addChild("outer", outer)).toThrow(/does not contain the whole/);
    expect(() => outer.addChild("self", outer)).toThrow(OptionError);
    expect(outer.state().size).toBe(0);
  });
});

describe("a constructor that fails", () => {
  it("leaves nothing of what it had registered", () => {
    class Failing extends Module {
      readonly part = this.child("part", new BatchNorm2d(2, "cpu"));
      readonly weight = this.parameter("weight", keep(ones([2])));
      readonly rest = this.build(() => {
        throw new Error("no more");
      });
    }
    expect(() => new Failing()).toThrow("no more");
    expect(() => scope("inside", () => new Failing())).toThrow("no more");
  });
});

describe("loadState", () => {
  it("overwrites nothing where one array has another shape, or a type without fractions", () => {
    using module = new Open();
    scope("test", () => {
      module.addParameter("a", ones([2]));
      module.addParameter("b", ones([2]));
    });
    const good = { dtype: "float32", shape: [2], data: Float32Array.of(5, 6) } as const;
    const bad = { ...good, dtype: "int32", data: Int32Array.of(5, 6) } as const;
    const entries = (b: NamedArray) =>
      new Map<string, NamedArray>([
        ["a", good],
        ["b", b],
      ]);
    expect(() => loadState(module, entries(bad))).toThrow(
      /^b: expected .*floating-point type, received int32/,
    );
    expect(() => loadState(module, entries({ ...good, shape: [1, 2] }))).toThrow(ShapeError);
    expect([...readState(module).values()].map(({ data }) => [...data])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    loadState(module, entries(good));
    expect([...readState(module).get("b")!.data]).toEqual([5, 6]);
  });
});
