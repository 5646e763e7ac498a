import { describe, expect, it } from "vitest";
import { decodePicture, type RgbImage } from "../images/index.js";
import { barChartSvg } from "./bar-chart.js";
import { legendOf, voidColor } from "./colors.js";
import { lossChart, scoreChart } from "./curves.js";
import { eventImage } from "./event-image.js";
import { htmlReport } from "./html-report.js";
import { enlarge, labelImage } from "./label-image.js";
import { lineChartSvg, pageInk } from "./line-chart.js";
import { overlayImage } from "./overlay.js";
import { pictureGridSvg } from "./picture-grid.js";
import type { RunReport } from "./run-report.js";
import { stackSvgs } from "./stack-svgs.js";
import { svgToPng } from "./svg-to-png.js";
import { viewedFrames, viewedImage } from "./viewed-image.js";

const red = [255, 0, 0] as const;
const green = [0, 255, 0] as const;
const colors = [red, green];

/** The colours of a picture at these (x, y). */
const at = ({ width, data }: RgbImage, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3).subarray(0, 3),
];

describe("label images", () => {
  it("paint classes in their colours and void in its own", () => {
    const image = labelImage(Uint8Array.of(0, 1, 255, 7), { size: [2, 2], colors });
    expect([...image.data]).toEqual([...red, ...green, ...voidColor, ...voidColor]);
  });

  it("grow by whole blocks", () => {
    const image = enlarge(labelImage(Uint8Array.of(0, 1), { size: [1, 2], colors }), 2);
    expect([image.height, image.width]).toEqual([2, 4]);
    expect([at(image, 1, 1), at(image, 2, 0)]).toEqual([[...red], [...green]]);
  });

  it("have a legend of the classes that occur", () => {
    const names = ["sky", "road"];
    const legend = legendOf([Uint8Array.of(1, 255)], { names, colors });
    expect(legend).toEqual([
      { name: "road", color: green },
      { name: "void", color: voidColor },
    ]);
  });
});

describe("viewedImage", () => {
  it("keeps RGB and shows the last frame of an event sequence in blue and red", () => {
    const rgb = viewedImage({ size: [1, 1], channels: 3, frames: 0, values: Float32Array.of(1, 2.4, 300) });
    expect([...rgb.data]).toEqual([1, 2, 255]);
    const values = Float32Array.of(9, 9, 9, 9, 2, 0, 0, 2);
    const events = viewedImage({ size: [1, 2], channels: 2, frames: 2, values });
    expect([at(events, 0, 0), at(events, 1, 0)]).toEqual([
      [0, 0, 255],
      [255, 0, 0],
    ]);
    const frames = viewedFrames({ size: [1, 2], channels: 2, frames: 2, values });
    expect(frames.map((frame) => at(frame, 0, 0))).toEqual([
      [0, 0, 0],
      [0, 0, 255],
    ]);
  });
});

describe("eventImage", () => {
  it("is not paled by a few pixels that fire all the time", () => {
    const frame = new Float32Array(2 * 100).fill(2, 100, 199);
    frame[0] = 900;
    const image = eventImage(frame, { channels: 2, size: [10, 10] });
    expect([at(image, 0, 0), at(image, 5, 5), at(image, 9, 9)]).toEqual([
      [0, 0, 0],
      [255, 0, 0],
      [255, 255, 255],
    ]);
  });

  it("adds up the signed channels of voxel grids", () => {
    // The first pixel has +1 and −2, the second one +1 in another channel.
    const image = eventImage(Float32Array.of(1, 0, 0, 1, -2, 0), { channels: 3, size: [1, 2] });
    expect([at(image, 0, 0), at(image, 1, 0)]).toEqual([
      [128, 0, 0],
      [128, 128, 255],
    ]);
  });
});

describe("overlayImage", () => {
  it("mixes class colours in and leaves void and black classes alone", () => {
    const grey = { height: 1, width: 3, data: new Uint8Array(9).fill(100) };
    const image = overlayImage(grey, { labels: [1, 0, 255], colors: [[0, 0, 0], green] });
    expect([at(image, 0, 0), at(image, 1, 0), at(image, 2, 0)]).toEqual([
      [45, 185, 45],
      [100, 100, 100],
      [100, 100, 100],
    ]);
  });
});

describe("barChartSvg and stackSvgs", () => {
  it("draw bars in proportion, in their colours, charts below each other", async () => {
    const bar = (value: number, color: typeof red | typeof green) => ({ name: "a", color, value, note: "n" });
    const chart = barChartSvg({ title: "<t>", bars: [bar(1, red), bar(0.5, green)] });
    const one = await decodePicture(await svgToPng(chart), "bars");
    const two = await decodePicture(await svgToPng(stackSvgs([chart, chart])), "stack");
    expect([two.height, two.width]).toEqual([2 * one.height, one.width]);
    const length = (color: readonly number[]) => {
      const rows = Array.from(
        { length: two.height },
        (_, y) =>
          Array.from({ length: two.width }, (_, x) => at(two, x, y)).filter((c) => c.join() === color.join())
            .length,
      );
      return Math.max(...rows);
    };
    expect(length(red) / length(green)).toBeCloseTo(2, 1);
    expect(at(one, 60, 40)).toEqual(at(two, 60, one.height + 40));
  });
});

describe("pictureGridSvg", () => {
  it("renders pictures in their cells and the legend's colours below", async () => {
    const image = labelImage(Uint8Array.of(0), { size: [1, 1], colors });
    const svg = pictureGridSvg({
      columns: ["a", "b"],
      rows: [{ title: "<id> & more", images: [image, undefined] }],
      legend: [{ name: "grass", color: green }],
    });
    expect(svg).toContain("&lt;id&gt; &amp; more");
    const picture = await decodePicture(await svgToPng(svg), "grid");
    expect(at(picture, 100, 100)).toEqual([...red]);
    expect(at(picture, 350, 100)).toEqual([255, 255, 255]);
    const present = new Set(Array.from({ length: picture.height }, (_, y) => at(picture, 18, y).join()));
    expect(present).toContain(green.join());
  });
});

const report: RunReport = {
  title: "run <1>",
  summary: "A test.",
  facts: [["version", "1"]],
  charts: [
    lossChart([1, 2, 3].map((epoch) => ({ epoch, loss: 1 / epoch }))),
    scoreChart([{ epoch: 2, meanIoU: 0.5, pixelAccuracy: 0.75 }], { meanIoU: 0.1 }),
  ],
  tables: [{ title: "By layer", head: ["layer", "threshold"], rows: [["features.0", "1 < 2"]] }],
  scores: {
    meanIoU: 0.5,
    pixelAccuracy: 0.75,
    meanAccuracy: 0.6,
    frequencyWeightedIoU: 0.4,
    perClassIoU: [0.5, null],
  },
  baseline: { meanIoU: 0.1, pixelAccuracy: 0.2 },
  classes: ["sky", "road & path"],
  colors,
  rates: { "features.0": 1.25 },
  options: [{ name: "epochs", value: "3", source: "flag" }],
  pictures: [{ caption: "first", png: Uint8Array.of(1, 2, 3) }],
};

describe("lineChartSvg", () => {
  it("draws every curve and can follow the page's colours", async () => {
    const chart = {
      title: "T",
      xName: "x",
      yName: "y",
      curves: ["a", "b"].map((name) => ({
        name,
        points: [
          [0, 1],
          [1, 2],
        ] as const,
      })),
    };
    const svg = await lineChartSvg(chart, { ink: pageInk });
    expect(svg).toContain("var(--muted)");
    for (const color of ["#2f7ed8", "#e07b00"]) expect(svg).toContain(`stroke="${color}"`);
  });
});

describe("lineChartSvg on a doubling axis", () => {
  it("puts doublings at equal distances", async () => {
    const points = [1, 2, 4, 8].map((x) => [x, 1] as const);
    const chart = { title: "T", xName: "x", yName: "y", curves: [{ name: "a", points }] };
    const gaps = async (xScale: "linear" | "log2") => {
      const svg = await lineChartSvg({ ...chart, xScale });
      const path = /<path d="M([^"]+)" fill="none"[^>]*stroke="#2f7ed8"/.exec(svg)?.[1] ?? "";
      const x = path.split("L").map((pair) => Number(pair.trim().split(" ")[0]));
      return x.slice(1).map((value, i) => Math.round(value - x[i]!));
    };
    expect(new Set(await gaps("log2")).size).toBe(1);
    expect(new Set(await gaps("linear")).size).toBe(3);
  });
});

describe("htmlReport", () => {
  it("holds all sections, escapes text, and fetches nothing", async () => {
    const page = await htmlReport(report);
    for (const heading of [
      "Curves",
      "Predictions",
      "Scores per class",
      "By layer",
      "Spike rates",
      "What was run",
    ]) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
    expect(page).toContain("run &lt;1&gt;");
    expect(page).toContain("<td>1 &lt; 2</td>");
    expect(page).toContain("road &amp; path");
    expect(page).toContain("(5.0 times that)");
    expect(page).not.toMatch(/<script|(src|href)="(?!data:)|url\((?!#)|@import/);
  });

  it("leaves spike rates out where nothing spikes", async () => {
    expect(await htmlReport({ ...report, rates: {} })).not.toContain("Spike rates");
  });
});
