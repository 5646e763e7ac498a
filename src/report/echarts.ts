/** ECharts draws the charts where it is installed: it is large, and nothing else needs it. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** What stands where a chart would. */
export const withoutCharts = "Charts need the package echarts: npm install echarts";

/** The library, or `undefined` where it is not installed. */
export async function loadEcharts(): Promise<typeof import("echarts") | undefined> {
  try {
    return await import("echarts");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Its script for pages; empty where it is not installed. */
export async function echartsScript(): Promise<string> {
  try {
    return await readFile(createRequire(import.meta.url).resolve("echarts/dist/echarts.min.js"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return "";
    throw error;
  }
}
