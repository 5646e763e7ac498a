import { describe, expect, it } from "vitest";
import { decodePicture, type RgbImage } from "../images/index.js";
import { legendOf, voidColor } from "./colors.js";
import { htmlReport } from "./html-report.js";
import { enlarge, labelImage } from "./label-image.js";
import { lineChartSvg, pageInk } from "./line-chart.js";
import { pictureGridSvg } from "./picture-grid.js";
import type { RunReport } from "./run-report.js";
import { svgToPng } from "./svg-to-png.js";
import { viewedImage } from "./viewed-image.js";

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
  epochs: [1, 2, 3].map((epoch) => ({ epoch, loss: 1 / epoch, lr: 0.1 })),
  evaluations: [{ epoch: 2, meanIoU: 0.5, pixelAccuracy: 0.75 }],
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
  rates: [{ layer: "features.0", rate: 1.25 }],
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
    for (const heading of ["Curves", "Predictions", "Scores per class", "Spike rates", "What was run"]) {
      expect(page).toContain(`<h2>${heading}</h2>`);
    }
    expect(page).toContain("run &lt;1&gt;");
    expect(page).toContain("road &amp; path");
    expect(page).toContain("(5.0 times that)");
    expect(page).not.toMatch(/<script|(src|href)="(?!data:)|url\((?!#)|@import/);
  });

  it("leaves spike rates out where nothing spikes", async () => {
    expect(await htmlReport({ ...report, rates: [] })).not.toContain("Spike rates");
  });
});
