/** Results as pictures and pages. */

// Pictures of examples
export { hexOf, type LegendEntry, legendOf, voidColor } from "./colors.js";
// Charts
export { lossChart, scoreChart } from "./curves.js";
// Pages
export { htmlReport } from "./html-report.js";
export { enlarge, labelImage } from "./label-image.js";
export { type ChartInk, type Curve, type LineChart, lineChartSvg, pageInk, printInk } from "./line-chart.js";
export { type PictureGrid, type PictureRow, pictureGridSvg } from "./picture-grid.js";
export type { LayerRate, ReportOption, RunReport } from "./run-report.js";
export { svgToPng } from "./svg-to-png.js";
export { viewedImage } from "./viewed-image.js";
