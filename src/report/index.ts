/** Results as pictures and pages. */

// Charts

export { type Bar, type BarChart, barChartSvg } from "./bar-chart.js";
export { lossChart, scoreChart } from "./curves.js";
export { type ChartInk, type Curve, type LineChart, lineChartSvg, pageInk, printInk } from "./line-chart.js";
export { stackSvgs } from "./stack-svgs.js";
export { svgToPng } from "./svg-to-png.js";
export { dataUri } from "./xml.js";

// Pictures of examples

export { hexOf, type LegendEntry, legendOf, voidColor } from "./colors.js";
export { brighterColor, darkerColor, eventImage } from "./event-image.js";
export { enlarge, labelImage } from "./label-image.js";
export { overlayImage } from "./overlay.js";
export { type PictureGrid, type PictureRow, pictureGridSvg } from "./picture-grid.js";
export { viewedFrames, viewedImage } from "./viewed-image.js";

// Pages

export { comparisonPage } from "./comparison-page.js";
export type {
  ComparedCurve,
  ComparedEnergy,
  ComparedExample,
  ComparedProcess,
  ComparedRun,
  ComparedSpikes,
  ComparisonReport,
  SeedGroup,
} from "./comparison-report.js";
export { echartsScript } from "./echarts-script.js";
export { htmlReport } from "./html-report.js";
export type { ReportOption, ReportTable, RunReport } from "./run-report.js";
