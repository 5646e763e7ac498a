/** ECharts for pages; apart from the library itself, whose types only browsers know. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** The library's script; empty where it is not installed. */
export async function echartsScript(): Promise<string> {
  try {
    return await readFile(createRequire(import.meta.url).resolve("echarts/dist/echarts.min.js"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return "";
    throw error;
  }
}
