import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { DisposedTensorError, OptionError } from "../errors.js";
import { addonFile, addonFolder } from "./addon-path.js";
import { add, call, callMany, invoke, liveTensors, ones, scope, Tensor } from "./index.js";
import { guarded } from "./native.js";

const addon = join(addonFolder(), addonFile);

describe("an operator of several results", () => {
  it("is refused by the door for one tensor, and leaves nothing, outside and inside a scope", () => {
    using x = ones([2, 2]);
    const before = liveTensors();
    const refused = () => call("aten::max.dim", [x, 1]);
    expect(refused).toThrow(
      "aten::max.dim: expected an operator that returns one tensor, received one that returns [one tensor, one tensor]",
    );
    expect(refused).toThrow(OptionError);
    expect(() => scope("inside", refused)).toThrow(/callMany/);
    expect(() => callMany("aten::abs", [x])).toThrow(
      /returns several tensors, received one that returns one tensor/,
    );
    expect(() => call("aten::equal", [x, x])).toThrow(/received one that returns a boolean/);
    expect(liveTensors()).toBe(before);
  });

  it("comes as tensors through the other doors", () => {
    scope("test", () => {
      const x = ones([2, 2]);
      for (const result of [callMany("aten::max.dim", [x, 1]), invoke("aten::max.dim", [x, 1])]) {
        expect(result).toEqual([expect.any(Tensor), expect.any(Tensor)]);
      }
      expect(invoke("aten::equal", [x, x])).toBe(true);
    });
  });
});

describe("handles", () => {
  it("that no engine gave out cannot be wrapped, and those that never were are stale", () => {
    for (const bad of [[1n, 2n], 5, undefined, "1", -1n, 2n ** 64n]) {
      expect(() => new Tensor(bad as never)).toThrow(OptionError);
    }
    using invented = new Tensor(2n ** 63n);
    expect(() => guarded((native) => native.shape(2n ** 64n))).toThrow(DisposedTensorError);
    expect(() => invented.shape).toThrow(DisposedTensorError);
  });

  it("are collected without an error, whatever was wrapped or refused", () => {
    const built = (file: string) => JSON.stringify(new URL(`../../dist/${file}`, import.meta.url).href);
    const script = `
      import { Tensor } from ${built("index.js")};
      import { call, ones } from ${built("entries/ops.js")};
      const attempt = (body) => { try { body(); } catch {} };
      attempt(() => call("aten::max.dim", [ones([2, 2]), 1]));
      attempt(() => new Tensor([1n, 2n]));
      attempt(() => new Tensor(2n ** 63n));
      setTimeout(gc, 50);
      setTimeout(() => console.log("alive"), 200);`;
    const args = ["--expose-gc", "--input-type=module", "--eval", script];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "alive\n", stderr: "" });
  });
});

describe("the table of operators", () => {
  it("may grow while arguments are read: a getter that calls back changes nothing", () => {
    scope("test", () => {
      const x = ones([2]);
      const reentrant = {
        get seed() {
          // Enough new operators for the table to move.
          for (let i = 0; i < 500; i++) guarded((native) => native.resolve("aten::abs", ""));
          return 7;
        },
      };
      expect(call("aten::rand.generator", [[2], reentrant]).shape).toEqual([2]);
      const list = new Proxy([2, 1], {
        get: (target, key) => {
          if (key === "0") add(x, 1);
          return Reflect.get(target, key);
        },
      });
      expect(call("aten::zeros", [list]).shape).toEqual([2, 1]);
    });
  });

  it("belongs to one thread: another has its own, and its own tensors", async () => {
    const script = `
      const { parentPort } = require("node:worker_threads");
      const addon = require(${JSON.stringify(addon)});
      const index = addon.resolve("aten::ones", "");
      addon.invoke(index, [[2]]);
      parentPort.postMessage([index, addon.live()]);`;
    add(ones([1]), 1).dispose();
    const worker = new Worker(script, { eval: true });
    const [message] = await once(worker, "message");
    expect(message).toEqual([0, 1]);
    await worker.terminate();
  });

  it("has no place for an index that was never resolved", () => {
    for (const index of [-1, 1e9, Number.NaN, 0.5]) {
      expect(() => guarded((native) => native.invoke(index, []))).toThrow(OptionError);
    }
  });
});

describe("bytes for a tensor", () => {
  it("must lie inside their buffer", () => {
    const buffer = new ArrayBuffer(8);
    const float32 = 6;
    for (const [offset, length] of [
      [-4, 8],
      [4, 8],
      [2 ** 53, 8],
      [0, -8],
    ] as const) {
      expect(() => guarded((native) => native.fromBytes(buffer, offset, length, float32, [2]))).toThrow(
        OptionError,
      );
    }
    for (const dtype of [-1, 10 ** 6]) {
      expect(() => guarded((native) => native.fromBytes(buffer, 0, 8, dtype, [2]))).toThrow(OptionError);
    }
  });
});
