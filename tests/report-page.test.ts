/** The report of several runs in a real browser: from disk, without a network, by mouse, keyboard and screen reader. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparisonPage } from "../src/report/index.js";
import { browserFlags, browserPath } from "./browser.js";
import { exampleReport } from "./example-report.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** For a machine whose cores others use too. */
const patienceMs = 150_000;
const largestPage = 5 * 2 ** 20;
const tabNames = ["Overview", "Training", "Classes", "Predictions", "Spikes", "Energy", "Robustness", "Runs"];

describe.skipIf(!browserPath)(
  "the report page (skipped without Debian's chromium)",
  { timeout: 180_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "snnseg-page-"));
    const file = join(folder, "report.html");
    let browser: Browser;

    beforeAll(async () => {
      writeFileSync(file, await comparisonPage(exampleReport));
      browser = await chromium.launch({ executablePath: browserPath!, args: browserFlags });
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true });
    });

    /** The page, opened offline; `complaints` collects what the browser has to say. */
    async function open(colorScheme: "light" | "dark", bypassCSP = false) {
      const context = await browser.newContext({ colorScheme, bypassCSP, offline: true });
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(`request ${request.url()}`);
      });
      await page.goto(pathToFileURL(file).href);
      return { page, complaints, close: () => context.close() };
    }

    const visibleText = (page: Page) => page.locator("[role=tabpanel]:not([hidden])").innerText();

    it("is small, and opens every tab with its charts drawn and nothing to complain about", async () => {
      expect(readFileSync(file).length).toBeLessThan(largestPage);
      const { page, complaints, close } = await open("light");
      expect(await page.locator("[role=tab]").allInnerTexts()).toEqual(tabNames);
      for (const name of tabNames) {
        await page.getByRole("tab", { name }).click();
        const panel = page.locator("[role=tabpanel]:not([hidden])");
        await expect.poll(() => panel.count()).toBe(1);
        const charts = panel.locator(".chart");
        const shapes = await charts.evaluateAll((boxes) =>
          boxes.map((box) => box.querySelectorAll("svg path").length),
        );
        expect(shapes.every((count) => count > 3)).toBe(true);
        if (!["Predictions", "Runs"].includes(name)) expect(shapes.length).toBeGreaterThan(0);
      }
      expect(complaints).toEqual([]);
      await close();
    });

    it("shows the values, escapes text, and moves between tabs by keyboard", async () => {
      const { page, close } = await open("dark");
      expect(await page.locator("h1").innerText()).toBe(exampleReport.title);
      expect(await visibleText(page)).toContain("0.4321");
      await page.getByRole("tab", { name: "Overview" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("End");
      expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Runs");
      expect(await visibleText(page)).toContain("<img src=x onerror=alert(1)>");
      expect(await page.locator("tr.differs").count()).toBe(1);
      await page.keyboard.press("ArrowRight");
      expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Overview");
      await close();
    });

    it("shows membranes per layer, silent neurons, both processes, chips, and what is not a synapse", async () => {
      const { page, close } = await open("light");
      await page.getByRole("tab", { name: "Spikes" }).click();
      await page.getByText("Values of “Membranes of features.1”").click();
      const spikes = await visibleText(page);
      // The third of four bins from −1 to 1.
      expect(spikes).toMatch(/snn <b>, potential \/ threshold 0\.25\s+0\.5000/);
      expect(spikes).toMatch(/features\.0\s+1,000\s+240\.0\s+0\.2400\s+80\.00 %\s+1\.00 %\s+30\.00 %/);
      await page.getByRole("tab", { name: "Energy" }).click();
      const energy = await visibleText(page);
      const pricesOf = (process: string) =>
        page.locator("table", { hasText: `microjoules per image, ${process}` }).innerText();
      expect(await pricesOf("45 nm")).toMatch(/with memory\s+10\s+30\s+3\.00/);
      expect(await pricesOf("7 nm")).toMatch(/with memory\s+5\s+15\s+3\.00/);
      expect(energy).toMatch(/a chip\s+20\s+2\s+its paper/);
      expect(energy).toMatch(/encoding\s+100 random numbers\s+100/);
      await close();
    });

    it("shows means over seeds, with what images and what seeds leave open", async () => {
      const { page, close } = await open("light");
      const seeds = await page.locator("table", { hasText: "Means over seeds" }).innerText();
      expect(seeds).toMatch(/ann\s+2\s+0\.4321\s+0\.0123\s+0\.4000 … 0\.4600\s+–\s+–\s+–/);
      expect(seeds).toMatch(
        /snn\s+2\s+0\.4300\s+0\.0111\s+.*−0\.0021 \(−0\.0120 … \+0\.0080\)\s+−0\.0345 … \+0\.0303\s+99\.51 %/,
      );
      await close();
    });

    it("draws a sweep from left to right", async () => {
      const { page, close } = await open("light");
      await page.getByRole("tab", { name: "Robustness" }).click();
      await page.getByText("Values of “Mean IoU under threshold”").click();
      const rows = await page.locator("details[open] tbody th").allInnerTexts();
      expect(rows.map((row) => Number(row.split(" ").at(-1)))).toEqual([0.5, 1, 2, 0.5, 1, 2]);
      await close();
    });

    it("lays predictions over pictures as the slider says", async () => {
      const { page, close } = await open("light");
      await page.getByRole("tab", { name: "Predictions" }).click();
      const above = page.locator(".overlay img:last-child").first();
      await page.locator("#overlay-share").fill("20");
      expect(await above.evaluate((image: { style: { opacity: string } }) => image.style.opacity)).toBe(
        "0.2",
      );
      await page.selectOption("#overlay-of", { label: "snn <b>" });
      const [example] = exampleReport.gallery.examples;
      expect(await above.getAttribute("src")).toBe(example!.predictions[1]);
      expect(await above.getAttribute("alt")).toBe("snn <b> of picture 1");
      await page.selectOption("#overlay-of", { label: "all side by side" });
      const beside = page.locator("figure").first().locator(".overlay img:last-child");
      expect(await beside.evaluateAll((images) => images.map((image) => image.getAttribute("alt")))).toEqual([
        ...["truth of picture 1", "ann of picture 1", "snn <b> of picture 1"],
      ]);
      expect(await above.evaluate((image: { style: { opacity: string } }) => image.style.opacity)).toBe(
        "0.2",
      );
      await close();
    });

    it.each(["light", "dark"] as const)("has no serious accessibility findings, %s", async (scheme) => {
      const { page, close } = await open(scheme, true);
      await page.evaluate(axe);
      for (const name of tabNames) {
        await page.getByRole("tab", { name }).click();
        const found = (await page.evaluate("axe.run()")) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        };
        const serious = found.violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        expect(serious.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]!.html.slice(0, 200)}`)).toEqual([]);
      }
      await close();
    });

    it("prints all panels", async () => {
      const { page, close } = await open("light");
      await page.emulateMedia({ media: "print" });
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      const sizes = await page
        .locator("[role=tabpanel]")
        .evaluateAll((panels) => panels.map((panel) => panel.getBoundingClientRect().height));
      expect(sizes).toHaveLength(tabNames.length);
      expect(Math.min(...sizes)).toBeGreaterThan(50);
      const undrawn = await page
        .locator(".chart")
        .evaluateAll((boxes) => boxes.filter((box) => !box.querySelector("svg")).length);
      expect(undrawn).toBe(0);
      await close();
    });
  },
);
