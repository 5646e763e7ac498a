import { once } from "node:events";
import { totalmem } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { NativeError, OptionError } from "../errors.js";
import { addonFile, addonFolder } from "./addon-path.js";
import { getThreads, mul, noGrad, ones, resetMemoryPeak, scope, setThreads, tensorMemory } from "./index.js";

describe("noGrad", () => {
  it("refuses an async body, whose rest would run with gradients, and turns them on again", async () => {
    expect(() => noGrad(async () => 1)).toThrow(/noGrad: expected a synchronous body, received an async one/);
    expect(() =>
      noGrad(async () => {
        throw new Error("must not end the process as a rejection that nobody handles");
      }),
    ).toThrow(TypeError);
    await new Promise((resolve) => setTimeout(resolve, 10));
    scope("test", () => expect(mul(ones([1]).setRequiresGrad(true), 2).requiresGrad).toBe(true));
  });
});

describe("memory", () => {
  it("keeps its peak when there is no room for a tensor", () => {
    resetMemoryPeak();
    const before = tensorMemory();
    const twiceTheMemory = Math.floor((2 * totalmem()) / Float32Array.BYTES_PER_ELEMENT);
    for (const count of [twiceTheMemory, 2 ** 46]) {
      expect(() => ones([count])).toThrow(/out of memory; use a smaller batch/);
      expect(() => ones([count])).toThrow(NativeError);
    }
    expect(() => ones([2 ** 40, 2 ** 30])).toThrow(/out of memory|overflow/);
    expect(tensorMemory().peakBytes).toBe(before.peakBytes);
    expect(tensorMemory().liveBytes).toBe(before.liveBytes);
  });
});

describe("setThreads", () => {
  it("refuses counts that a process cannot start", () => {
    for (const count of [0, -1, 0.5, Number.NaN, 1e6]) expect(() => setThreads(count)).toThrow(OptionError);
  });

  it("is for the thread that calls it: a worker's leaves the main thread's alone", async () => {
    const before = getThreads();
    try {
      setThreads(3);
      const script = `
        const { parentPort } = require("node:worker_threads");
        const addon = require(${JSON.stringify(join(addonFolder(), addonFile))});
        addon.setThreads(1);
        parentPort.postMessage(addon.threads());`;
      const worker = new Worker(script, { eval: true });
      const [threads] = await once(worker, "message");
      expect([threads, getThreads()]).toEqual([1, 3]);
      await worker.terminate();
    } finally {
      setThreads(before);
    }
  });
});
