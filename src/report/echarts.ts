/** ECharts draws the charts where it is installed: it is large, and nothing else needs it. */

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
