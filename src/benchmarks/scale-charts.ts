/** Times and memory over growing sizes as charts. */
import { extname } from "node:path";
import { writeFileAtomic } from "../files/index.js";
import { lineChartSvg, stackSvgs, svgToPng } from "../report/index.js";
import type { Measured } from "./interleave.js";
import type { ScalePoint } from "./scale-point.js";
import { sweepNames } from "./sweeps.js";

const mebibyte = 2 ** 20;

/** One chart of times and one of memory for every sweep; a PNG where the file's name ends so, else an SVG. */
export async function writeScaleCharts(file: string, points: readonly ScalePoint[]): Promise<void> {
  const charts: string[] = [];
  for (const sweep of sweepNames) {
    const swept = points.filter((point) => point.sweep === sweep);
    if (swept.length === 0) continue;
    const common = { xName: sweep, xScale: "log2", yScale: "log10" } as const;
    const time = curvesOf(swept, (one) => one.ms);
    const memory = curvesOf(swept, (one) => one.peakBytes / mebibyte);
    charts.push(
      await lineChartSvg(
        { ...common, title: `Time over ${sweep}`, yName: "ms", curves: time },
        { width: 720 },
      ),
      await lineChartSvg(
        { ...common, title: `Memory over ${sweep}`, yName: "extra MiB of tensors", curves: memory },
        { width: 720 },
      ),
    );
  }
  const svg = stackSvgs(charts);
  await writeFileAtomic(
    file,
    extname(file).toLowerCase() === ".png" ? await svgToPng(svg, { scale: 1.5 }) : svg,
  );
}

function curvesOf(points: readonly ScalePoint[], figureOf: (one: Measured) => number) {
  const works = [...new Set(points.map(({ work }) => work))];
  return works.flatMap((work) =>
    (["twin", "ours"] as const).map((way) => ({
      name: `${work}, ${way}`,
      points: points.flatMap((point) => {
        const one = point.work === work ? point[way] : undefined;
        return one === undefined ? [] : [[point.value, figureOf(one)] as const];
      }),
    })),
  );
}
