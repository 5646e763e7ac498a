/** The page that watches runs, in a real browser: news without a reload, both colour schemes, keyboard, screen reader. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RunServer } from "../../src/serve/index.js";
import { browserFlags, browserPath } from "../browser.js";
import { savedConfigs, saveNetwork } from "../saved-network.js";
import { epochLine, evaluationLine, WrittenRun } from "./run-files.js";
import { runsAt, within } from "./served.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe.skipIf(!browserPath)(
  "the page of runs (skipped without Debian's chromium)",
  { timeout: 180_000 },
  () => {
    let root = "";
    let server: RunServer;
    let browser: Browser;
    let run: WrittenRun;

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: browserPath!, args: browserFlags });
    }, 180_000);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      root = mkdtempSync(join(tmpdir(), "snnseg-page-"));
      run = new WrittenRun(root, "first <b>");
      run.log(epochLine(1) + epochLine(2) + evaluationLine(2, 0.25));
      const other = new WrittenRun(root, "second", { created: "2025-01-01T00:00:00.000Z" });
      other.log(epochLine(1) + evaluationLine(1, 0.125));
      server = await RunServer.start({ root }, { port: 0 });
      return async () => {
        await server[Symbol.asyncDispose]();
        rmSync(root, { recursive: true });
      };
    });

    /** The page at `#hash`; `complaints` collects what the browser has to say. */
    async function open(hash: string, { scheme = "light", width = 1200, bypassCSP = false } = {}) {
      const context = await browser.newContext({
        colorScheme: scheme as "light" | "dark",
        viewport: { width, height: 800 },
        bypassCSP,
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        const own = request.url().startsWith(server.address) || /^(blob|data):/.test(request.url());
        if (!own) complaints.push(`request ${request.url()}`);
      });
      await page.goto(`${server.address}${hash}`);
      await page.locator("h1").waitFor();
      return { page, complaints, close: () => context.close() };
    }

    const idOf = async (name: string) => (await runsAt(server.address)).find((one) => one.name === name)!.id;
    const text = (page: Page, selector = "main") => page.locator(selector).innerText();
    /** On a machine whose cores others use too; a new epoch must be seen within three seconds. */
    const seen = (page: Page, words: string | RegExp, mostMs = 15_000) =>
      within(mostMs, async () => ((await text(page)).match(words) ? true : undefined));

    it("lists runs and shows a new epoch, a new run and a deleted one without a reload", async () => {
      const { page, complaints, close } = await open("#/");
      await page.evaluate("globalThis.notReloaded = true");
      expect(await page.locator("tbody tr").allInnerTexts()).toEqual([
        expect.stringMatching(/first <b>.*snn dl-vgg9 · T = 2 · digits · preset quick.*2\/10.*0\.2500/s),
        expect.stringMatching(/second.*1\/10.*0\.1250/s),
      ]);
      run.log(epochLine(3));
      await seen(page, "3/10", 3000);
      new WrittenRun(root, "third", { created: "2026-02-01T00:00:00.000Z" });
      await seen(page, /third.*first/s);
      rmSync(run.path, { recursive: true });
      await within(15_000, async () => ((await text(page)).includes("first") ? undefined : true));
      expect(await page.evaluate("globalThis.notReloaded")).toBe(true);
      expect(complaints).toEqual([]);
      await close();
    });

    it("draws a run's curves, adds epochs, scores and pictures to them, and says when the run is deleted", async () => {
      const { page, complaints, close } = await open(`#/run/${await idOf("first <b>")}`);
      await page.locator(".chart svg").nth(4).waitFor();
      await page.getByText("Values of “Loss”").click();
      await seen(page, /training, epoch 2\s+0\.5000/);
      await page.getByText("Values of “Spikes per neuron and timestep”").click();
      // Over both timesteps 0.5 and 0.25.
      await seen(page, /features\.0, epoch 2\s+0\.2500.*head\.1, epoch 2\s+0\.1250/s);
      const lines = () =>
        page
          .locator(".chart")
          .first()
          .evaluate((box) => box.innerHTML);
      const before = await lines();
      const chart = "echarts.getInstanceByDom(document.querySelector('.chart'))";
      await page.evaluate(`${chart}.dispatchAction({ type: "legendUnSelect", name: "evaluation" })`);
      run.log(epochLine(3) + evaluationLine(3, 0.75));
      await seen(page, /training, epoch 3\s+0\.3333/);
      await seen(page, /3\/10.*0\.7500\s*after epoch 3/s);
      expect(await lines()).not.toBe(before);
      expect(await page.evaluate(`${chart}.getOption().legend[0].selected`)).toMatchObject({
        evaluation: false,
      });
      run.picture("examples", 90);
      await page.locator("img").waitFor();
      await within(15_000, () =>
        page
          .locator("img")
          .evaluate(
            (image) => (image as unknown as { naturalWidth: number }).naturalWidth === 4 || undefined,
          ),
      );
      rmSync(run.path, { recursive: true });
      await seen(page, "none any more");
      expect(complaints).toEqual([]);
      await close();
    });

    it("compares chosen runs, by keyboard, with what differs in them", async () => {
      const { page, complaints, close } = await open("#/");
      for (const name of ["first <b>", "second"]) {
        await page.getByLabel(`compare ${name}`).focus();
        await page.keyboard.press("Space");
      }
      await page.getByRole("button", { name: "Compare 2 runs" }).focus();
      await page.keyboard.press("Enter");
      await page.locator(".chart svg").nth(4).waitFor();
      await seen(page, /Scores.*first <b>.*0\.2500.*second.*0\.1250/s);
      run.log(epochLine(3) + evaluationLine(3, 0.75));
      await seen(page, /first <b>.*3\/10.*0\.7500/s);
      await page.goBack();
      expect(await text(page, "h1")).toBe("Runs");
      expect(complaints).toEqual([]);
      await close();
    });

    it("opens the live page of a run that has a checkpoint, once it has one", async () => {
      const { page, complaints, close } = await open("#/");
      const link = page.getByRole("link", { name: "try it live: first <b>" });
      expect(await link.count()).toBe(0);
      mkdirSync(join(run.path, "checkpoints"));
      await saveNetwork(join(run.path, "checkpoints", "last"), savedConfigs.snn);
      await link.click({ timeout: 30_000 });
      await page.locator(".ready").waitFor({ state: "attached", timeout: 60_000 });
      await page.locator("#legend output:not(:empty)").first().waitFor({ timeout: 60_000 });
      expect(await text(page, "h1")).toBe("first <b>");
      await page.goto(`${server.address}#/run/${await idOf("first <b>")}`);
      await page.getByRole("link", { name: "Try it live" }).waitFor({ timeout: 30_000 });
      expect(complaints).toEqual([]);
      await close();
    });

    it("says that the server has gone, and goes on when it is back", async () => {
      const { page, close } = await open("#/");
      const { port } = new URL(server.address);
      await server[Symbol.asyncDispose]();
      await page.getByText("trying again").waitFor({ timeout: 30_000 });
      run.log(epochLine(3));
      server = await RunServer.start({ root }, { port: Number(port) });
      await page.locator("#connection.live").waitFor({ timeout: 30_000 });
      await seen(page, "3/10");
      await close();
    });

    it.each([
      ["dark", 1200],
      ["light", 390],
    ] as const)("has no serious accessibility findings and fits, %s at %i pixels", async (scheme, width) => {
      run.picture("examples", 90);
      run.log("nonsense\n");
      mkdirSync(join(run.path, "checkpoints"));
      run.write("checkpoints/best.safetensors", "nonsense");
      const ids = [await idOf("first <b>"), await idOf("second")];
      for (const hash of ["#/", `#/run/${ids[0]}`, `#/compare/${ids.join(",")}`, `api/runs/${ids[0]}/live`]) {
        const { page, close } = await open(hash, { scheme, width, bypassCSP: true });
        if (/run\/|compare/.test(hash)) await page.locator(".chart svg").nth(4).waitFor();
        await page.evaluate(axe);
        const found = (await page.evaluate("axe.run()")) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        };
        const serious = found.violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        expect(serious.map(({ id, nodes }) => `${hash}: ${id} ${nodes[0]!.html.slice(0, 200)}`)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        await close();
      }
    });
  },
);
