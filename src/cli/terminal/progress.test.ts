import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { formatCount, formatDuration, formatTable } from "../lines/format.js";
import { Progress } from "./progress.js";
import type { TextStream } from "./text-stream.js";

function recordingStream(isTTY: boolean): { stream: TextStream; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  let text = "";
  stream.on("data", (piece) => {
    text += piece;
  });
  return { stream, text: () => text };
}

const plan = { label: "epoch 1/2", total: 40, unit: "images" };

describe("Progress", () => {
  it("writes plain lines with rate and remaining time, at most one in ten seconds", () => {
    const { stream, text } = recordingStream(false);
    let now = 0;
    const progress = new Progress(stream, plan, { now: () => now });
    for (let i = 0; i < 12; i++) {
      now += 1000;
      progress.step(8, "loss 0.5");
    }
    expect(text()).toBe("epoch 1/2 10/40 · loss 0.5 · 8.0 images/s · ETA 30 s\n");
  });

  it("redraws one line on a terminal and removes it at the end", () => {
    const { stream, text } = recordingStream(true);
    let now = 0;
    const progress = new Progress(stream, plan, { now: () => now });
    for (let i = 0; i < 20; i++) {
      now += 500;
      progress.step(8, "");
    }
    progress.end();
    expect(text()).toContain("█".repeat(12) + "░".repeat(12));
    expect(text()).not.toContain("\n");
    expect(text().endsWith("\r\x1b[2K")).toBe(true);
  });

  it("counts steps of an earlier process as done but not for the rate", () => {
    const { stream, text } = recordingStream(false);
    let now = 0;
    const progress = new Progress(stream, plan, { done: 30, now: () => now });
    now = 10_000;
    progress.step(10, "");
    expect(text()).toBe("epoch 1/2 31/40 · 1.0 images/s · ETA 1 min 30 s\n");
  });
});

describe("format", () => {
  it("writes durations and counts for people", () => {
    expect([45, 200, 7500].map(formatDuration)).toEqual(["45 s", "3 min 20 s", "2 h 5 min"]);
    expect([950, 12_345, 4_560_000].map(formatCount)).toEqual(["950", "12.3 k", "4.56 M"]);
  });

  it("aligns tables: names left, numbers right", () => {
    const table = formatTable([
      ["class", "IoU"],
      ["sky", "0.9"],
    ]);
    expect(table).toBe("class  IoU\nsky    0.9");
  });
});
