/** The live page in a real browser: from disk, without a network, by mouse, keyboard and screen reader. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportTargets } from "../src/export/index.js";
import { decodePicture } from "../src/images/index.js";
import { openWebNetwork } from "../src/web/index.js";
import { browserFlags, browserPath } from "./browser.js";
import { bands, classes, colors, film, movingEdge, size, smallPage } from "./live-pages.js";
import { memoryOf, rememberWasm } from "./page-memory.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "snnseg-live-"));
const webcam = join(folder, "webcam.y4m");
const cameraFlags = [
  ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
  `--use-file-for-fake-video-capture=${webcam}`,
];
/** For a machine whose cores others use too. */
const patienceMs = 30_000;
/** Until it is so. */
const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: patienceMs });
/** Of a page without its network and example. */
const mostPageKb = { plain: 200, gzip: 70 };
/** What a page may hold more after 500 frames; their maps of classes alone are 1.5 MB. */
const mostGrowth = 5e5;

describe.skipIf(!browserPath)(
  "the live page (skipped without Debian's chromium)",
  { timeout: 120_000 },
  () => {
    const files = { pictures: join(folder, "pictures.html"), events: join(folder, "events.html") };
    let browser: Browser;

    beforeAll(async () => {
      writeFileSync(webcam, film(40));
      for (const sees of ["pictures", "events"] as const) writeFileSync(files[sees], await smallPage(sees));
      browser = await chromium.launch({
        executablePath: browserPath!,
        args: [...browserFlags, ...cameraFlags],
      });
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true });
    });

    /** A page, opened offline; `complaints` collects what the browser has to say. */
    async function open(
      sees: keyof typeof files,
      { hash = "", scheme = "light", width = 1280, bypassCSP = false, cores = 2, script = "" } = {},
    ) {
      const context = await browser.newContext({
        ...{ colorScheme: scheme as "light" | "dark", viewport: { width, height: 800 } },
        ...{ bypassCSP, offline: true, permissions: ["camera"] },
      });
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      // With four cores two workers answer in turn.
      await page.addInitScript(
        `Object.defineProperty(navigator, "hardwareConcurrency", { value: ${cores} })`,
      );
      await page.addInitScript(script);
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (!/^(file|data|blob):/.test(request.url())) complaints.push(`request ${request.url()}`);
      });
      await page.goto(pathToFileURL(files[sees]).href + hash);
      await page.locator(".ready").waitFor({ state: "attached" });
      return { page, complaints, close: () => context.close() };
    }

    const problem = (page: Page) => page.locator("#problem:visible");
    const setSlider = (page: Page, id: string, value: string) => page.locator(`#${id}`).fill(value);
    const give = (page: Page, name: string, buffer: Buffer) =>
      page.locator("#file").setInputFiles({ name, mimeType: "", buffer });
    /** A canvas: unless told, the classes that the page shows, at the network's size. */
    const painted = (page: Page, selector = "#painted") =>
      page.evaluate(readPixels(selector)) as Promise<{
        readonly width: number;
        readonly height: number;
        readonly data: number[];
      }>;
    const answered = (page: Page) => page.locator("#legend output:not(:empty)").first().waitFor();

    it("is small, opens offline and segments its example as the network does in Node", async () => {
      const html = readFileSync(files.pictures, "utf8");
      const [, plain, gzip] = (await exportTargets.web.describe(html)).match(
        /page of (\d+) kB \(gzip (\d+)/,
      )!;
      expect(Number(plain)).toBeLessThanOrEqual(mostPageKb.plain);
      expect(Number(gzip)).toBeLessThanOrEqual(mostPageKb.gzip);
      const { page, complaints, close } = await open("pictures");
      await answered(page);
      expect(await page.locator("h1").innerText()).toBe("Small <page> & co");
      expect(await page.locator("#legend label span").allInnerTexts()).toEqual(classes);
      const labels = await labelsInNode(html);
      expect(new Set(labels).size).toBeGreaterThan(1);
      const { data } = await painted(page);
      const expected = [...labels].flatMap((k) => (k === 0 ? [0, 0, 0, 0] : [...colors[k]!, 255]));
      expect(data).toEqual(expected);
      expect(complaints).toEqual([]);
      await close();
    });

    /** What the page's own network says of its example, which is as large as its input, after each timestep. */
    async function stepsInNode(html: string) {
      const base64 = html.match(/id="live-model">([^<]*)</)![1]!;
      const network = await openWebNetwork(new Uint8Array(Buffer.from(base64, "base64")));
      const { data } = await decodePicture(bands(0), "bands");
      const pixels = size[0] * size[1];
      const frame = new Float32Array(3 * pixels);
      for (let i = 0; i < frame.length; i++)
        frame[i] = (data[(i % pixels) * 3 + Math.floor(i / pixels)]! - 120) / 60;
      network.begin();
      return [0, 1, 2].map((t) => {
        network.step(t === 0 ? frame : undefined);
        const rates = network.activity().map(({ name, shape: [c, h, w], spikes }) => ({
          ...{ name, rate: spikes / (c * h * w) },
        }));
        return { labels: network.labels().slice(), rates };
      });
    }
    const labelsInNode = async (html: string) => (await stepsInNode(html)).at(-1)!.labels;

    it("follows its sliders and switches, and keeps them in its address", async () => {
      const { page, complaints, close } = await open("pictures");
      await answered(page);
      const before = await painted(page);
      expect(await page.locator("#step-tiles figure").count()).toBe(3);
      expect(await page.locator("#layer-tiles figure").count()).toBe(3);
      const spikes = () => page.locator("#neurons-note").innerText();
      const atFirst = await spikes();
      await setSlider(page, "leak", "0.5");
      await eventually(spikes).not.toBe(atFirst);
      const leaking = await spikes();
      await setSlider(page, "threshold", "3");
      await eventually(spikes).not.toBe(leaking);
      expect(await painted(page)).not.toEqual(before);
      await setSlider(page, "timesteps", "1");
      await eventually(() => page.locator("#steps").isVisible()).toBe(false);
      expect(await page.locator("#layer-tiles canvas").count()).toBe(3);
      await setSlider(page, "overlay", "20");
      expect(await page.locator("#painted").evaluate((canvas) => canvas.style.opacity)).toBe("0.2");
      await page.getByRole("checkbox", { name: "road" }).uncheck();
      expect((await painted(page)).data.filter((value, i) => i % 4 === 3 && value > 0).length).toBeLessThan(
        before.data.filter((value, i) => i % 4 === 3 && value > 0).length,
      );
      expect(new URL(page.url()).hash).toBe("#overlay=20&timesteps=1&threshold=3&leak=0.5&off=3");
      const shown = await painted(page);
      await page.reload();
      await answered(page);
      expect(await painted(page)).toEqual(shown);
      expect(await page.getByRole("checkbox", { name: "road" }).isChecked()).toBe(false);
      await page.getByRole("button", { name: "As trained" }).click();
      await page.getByRole("checkbox", { name: "road" }).check();
      await eventually(() => painted(page)).toEqual(before);
      expect(new URL(page.url()).hash).toBe("");
      // As by hand.
      await page.evaluate("location.hash = 'threshold=2.5'");
      await eventually(() => page.locator("#threshold").inputValue()).toBe("2.5");
      await eventually(() => painted(page)).not.toEqual(before);
      expect(complaints).toEqual([]);
      await close();
    });

    it("shows after each timestep what the network answers and its neurons send in Node", async () => {
      const { page, complaints, close } = await open("pictures");
      await answered(page);
      const steps = await stepsInNode(readFileSync(files.pictures, "utf8"));
      for (const [t, { labels, rates }] of steps.entries()) {
        const { data } = await painted(page, `#step-tiles figure:nth-child(${t + 1}) canvas`);
        expect(data).toEqual([...labels].flatMap((k) => [...colors[k]!, 255]));
        for (const { name, rate } of rates) {
          const map = page.getByRole("img", { name: `${name}, timestep ${t + 1}: ` });
          const [, words] = (await map.getAttribute("aria-label"))!.match(/: ([\d.e-]+) spikes a neuron$/)!;
          expect(Math.abs(Number(words) - rate)).toBeLessThanOrEqual(0.006 * rate);
          const { data: heat } = await painted(page, `canvas[aria-label^="${name}, timestep ${t + 1}:"]`);
          expect(new Set(heat).size > 4).toBe(rate > 0);
        }
      }
      // A part that is closed is not drawn, and shows the newest when it is opened.
      const note = page.locator("#neurons-note");
      const [shown, answer] = [await note.textContent(), await painted(page)];
      await page.locator("#neurons summary").click();
      await setSlider(page, "threshold", "3");
      await eventually(() => painted(page)).not.toEqual(answer);
      expect(await note.textContent()).toBe(shown);
      await page.locator("#neurons summary").click();
      await eventually(() => note.textContent()).not.toBe(shown);
      expect(complaints).toEqual([]);
      await close();
    });

    it("is worked by keyboard alone", async () => {
      const { page, complaints, close } = await open("pictures");
      await answered(page);
      await page.getByRole("button", { name: "Webcam" }).press("Enter");
      await eventually(() => page.locator("#pause").isEnabled()).toBe(true);
      const reached = new Set<string>();
      for (let n = 0; n < 40; n++) {
        await page.keyboard.press("Tab");
        const focused =
          "document.activeElement.id || document.activeElement.closest('label, details')?.textContent || ''";
        reached.add(String(await page.evaluate(focused)).trim());
      }
      const ids = ["stage", "example", "open", "camera", "pause", "step", "save-picture", "save-mask"];
      for (const id of [...ids, "overlay", "timesteps", "threshold", "leak", "reset"])
        expect(reached).toContain(id);
      for (const name of classes) expect([...reached].some((text) => text.startsWith(name))).toBe(true);
      await page.locator("#pause").press("Space");
      expect(await page.locator("#pause").getAttribute("aria-pressed")).toBe("true");
      await page.locator("#timesteps").press("ArrowLeft");
      expect(await page.locator("#timesteps-value").innerText()).toBe("2");
      await page.getByRole("checkbox", { name: "road" }).press("Space");
      expect(new URL(page.url()).hash).toBe("#timesteps=2&off=3");
      const chooser = page.waitForEvent("filechooser");
      await page.locator("#open").press("Enter");
      await (await chooser).setFiles({
        name: "other.png",
        mimeType: "image/png",
        buffer: Buffer.from(bands(9)),
      });
      await eventually(() => page.locator("#pause").isDisabled()).toBe(true);
      expect(complaints).toEqual([]);
      await close();
    });

    it.each([
      ["NotAllowedError", "The webcam is not allowed for this page"],
      ["NotFoundError", "No webcam answers"],
    ])("says what to do about a webcam's %s, and keeps what it shows", async (name, sentence) => {
      const refuse = `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "${name}"); }`;
      const { page, complaints, close } = await open("pictures", { script: refuse });
      await answered(page);
      const shown = await painted(page);
      await page.getByRole("button", { name: "Webcam" }).click();
      await eventually(() => problem(page).innerText()).toContain(sentence);
      expect(await painted(page)).toEqual(shown);
      expect(complaints).toEqual([]);
      await close();
    });

    it("ignores an address that says nonsense", async () => {
      const { page, complaints, close } = await open("pictures", {
        hash: "#threshold=-4&timesteps=99&off=x,7&colors=toString",
      });
      await answered(page);
      expect(await page.locator("#threshold").inputValue()).toBe("1");
      expect(await page.locator("#timesteps").inputValue()).toBe("3");
      expect(complaints).toEqual([]);
      await close();
    });

    it("names the class at a point, by mouse and by arrow keys", async () => {
      const { page, close } = await open("pictures");
      await answered(page);
      const pointed = page.locator("#pointed");
      await page.locator("#stage").hover({ position: { x: 40, y: 40 } });
      expect(classes).toContain(await pointed.innerText());
      await page.locator("#stage").focus();
      await page.keyboard.press("ArrowRight");
      expect(classes).toContain(await pointed.innerText());
      expect(await page.locator("#cross").isVisible()).toBe(true);
      expect(await page.locator("#stage").getAttribute("aria-label")).toMatch(/^Picture with classes: .* %/);
      await close();
    });

    it("counts operations and energy of the input beside the ANN's", async () => {
      const { page, close } = await open("pictures");
      await answered(page);
      const rows = await page.locator("#cost-rows tr").allInnerTexts();
      // 48 x 64 pixels; 3 to 8, then at half the size 8 to 16, 16 to 16 (dilated) and 16 to 4 channels, without taps outside.
      const taps = (h: number, w: number, d = 1) => (3 * h - 2 * d) * (3 * w - 2 * d);
      const dense =
        3 * 8 * taps(48, 64) + (8 * 16 * taps(24, 32) + 16 * 16 * taps(24, 32, 2)) + 16 * 4 * 24 * 32;
      expect(rows[1]).toContain(`${(dense / 1e6).toPrecision(3)} M`);
      expect(rows[0]).toMatch(/this spiking network\s+[\d.]+ [MG]/);
      expect(rows[2]).toMatch(/ANN : spiking\s+[\d.]+ : 1/);
      await close();
    });

    it("saves picture and mask", async () => {
      const { page, close } = await open("pictures");
      await answered(page);
      const saved = async (name: string) => {
        const waiting = page.waitForEvent("download");
        await page.getByRole("button", { name }).click();
        return decodePicture(readFileSync(await (await waiting).path()), name);
      };
      const labels = await labelsInNode(readFileSync(files.pictures, "utf8"));
      const mask = await saved("Save mask");
      expect([mask.height, mask.width]).toEqual(size);
      expect([...mask.data]).toEqual([...labels].flatMap((k) => [...colors[k]!]));
      const picture = await saved("Save picture");
      expect([picture.height, picture.width]).toEqual(size);
      expect([...picture.data]).not.toEqual([...mask.data]);
      await close();
    });

    /** Frames that were shown since now. */
    async function countFrames(page: Page): Promise<() => Promise<number>> {
      await page.evaluate(
        "globalThis.frames = 0, new MutationObserver((all) => globalThis.frames += all.length).observe(document.getElementById('stage'), { attributes: true, attributeFilter: ['aria-label'] })",
      );
      return () => page.evaluate("globalThis.frames") as Promise<number>;
    }

    it("needs no more memory after 500 frames of the webcam", async () => {
      const { page, complaints, close } = await open("pictures", { script: rememberWasm });
      await page.getByRole("button", { name: "Webcam" }).click();
      const frames = await countFrames(page);
      await eventually(frames).toBeGreaterThan(60);
      const memory = await memoryOf(page);
      /** While nothing is under way. */
      const held = async () => {
        await page.getByRole("button", { name: "Pause" }).click();
        await page.waitForTimeout(500);
        const now = await memory();
        await page.getByRole("button", { name: "Pause" }).click();
        return now;
      };
      const before = await held();
      expect(before.wasm).toBeGreaterThan(0);
      const warm = await frames();
      await eventually(frames).toBeGreaterThanOrEqual(warm + 500);
      const after = await held();
      const grown = Object.entries(after).map(([what, bytes]) => [what, bytes - before[what as "wasm"]]);
      expect(grown.filter(([, bytes]) => (bytes as number) > mostGrowth)).toEqual([]);
      expect(after.wasm).toBe(before.wasm);
      expect(complaints).toEqual([]);
      await close();
    });

    it("segments the webcam, pauses and steps", async () => {
      const { page, complaints, close } = await open("pictures");
      await page.getByRole("button", { name: "Webcam" }).click();
      const pace = page.locator("#pace");
      await eventually(() => pace.innerText()).toMatch(/[\d.]+ frames a second · \d+ ms · \w+/);
      const frames = await countFrames(page);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.waitForTimeout(300);
      const held = await painted(page);
      await page.waitForTimeout(400);
      expect(await painted(page)).toEqual(held);
      const stepped = async () => {
        await page.getByRole("button", { name: "Step" }).click();
        return painted(page);
      };
      await eventually(stepped).not.toEqual(held);
      await page.getByRole("button", { name: "Pause" }).click();
      const counted = await frames();
      await eventually(frames).toBeGreaterThan(counted + 3);
      await page.getByRole("button", { name: "Example" }).click();
      await eventually(() => page.locator("#pause").isDisabled()).toBe(true);
      expect(complaints).toEqual([]);
      await close();
    });

    it("takes pictures and videos, and says in a sentence what it cannot take", async () => {
      const { page, complaints, close } = await open("pictures", { cores: 4 });
      expect(page.workers()).toHaveLength(2);
      await answered(page);
      const first = await painted(page);
      await give(page, "other.png", Buffer.from(bands(9, [30, 70])));
      await eventually(() => painted(page)).not.toEqual(first);
      const shown = await painted(page);
      const refused: readonly (readonly [string, Buffer, RegExp])[] = [
        ["empty.png", Buffer.alloc(0), /^empty\.png: .*empty file/],
        ["cut.png", Buffer.from(bands(3)).subarray(0, 60), /^cut\.png: expected a picture, .*damaged/],
        ["words.txt", Buffer.from("0 1 2 1\n"), /^words\.txt: this network was trained on pictures/],
        ["cut.mp4", Buffer.alloc(5000, 7), /^cut\.mp4: expected a video, .*damaged/],
        ["program", Buffer.from("#!/bin/sh\n"), /^program: expected a picture/],
      ];
      for (const [name, bytes, sentence] of refused) {
        await give(page, name, bytes);
        await eventually(() => problem(page).innerText()).toMatch(sentence);
      }
      // What was there stays, and the next file is taken.
      expect(await painted(page)).toEqual(shown);
      const video = await page.evaluate(recordVideo);
      await give(page, "bands.webm", Buffer.from(video as string, "base64"));
      await eventually(() => page.locator("#pace").innerText()).toContain("frames a second");
      expect(await problem(page).count()).toBe(0);
      const step = () => page.getByRole("button", { name: "Step" }).click();
      await step();
      expect(await page.getByRole("button", { name: "Pause" }).getAttribute("aria-pressed")).toBe("true");
      const seen = await painted(page, "#picture");
      await eventually(async () => {
        await step();
        return painted(page, "#picture");
      }).not.toEqual(seen);
      expect(complaints).toEqual([]);
      await close();
    });

    it("plays event recordings at any moment and speed, and sees the webcam as an event camera", async () => {
      const { page, complaints, close } = await open("events");
      await give(page, "edge.txt", Buffer.from(movingEdge()));
      await answered(page);
      await eventually(() => page.locator("#seek-value").innerText()).not.toBe("0.00 s");
      await page.getByRole("button", { name: "Pause" }).click();
      await setSlider(page, "seek", "500");
      await eventually(() => page.locator("#seek-value").innerText()).toBe("0.20 s");
      const picture = () =>
        page
          .locator("#picture")
          .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
      await page.waitForTimeout(300);
      const middle = await picture();
      await setSlider(page, "accumulate", "95");
      await eventually(picture).not.toBe(middle);
      const long = await picture();
      await page.selectOption("#colors", "white and black");
      await eventually(picture).not.toBe(long);
      await setSlider(page, "speed", "0");
      const seconds = async () => Number.parseFloat(await page.locator("#seek-value").innerText());
      const [from, sinceMs] = [await seconds(), performance.now()];
      await page.getByRole("button", { name: "Pause" }).click();
      await eventually(seconds).toBeGreaterThan(from);
      // At a twentieth of its speed.
      expect(await seconds()).toBeLessThanOrEqual(
        from + (0.05 * (performance.now() - sinceMs)) / 1000 + 0.01,
      );
      expect(new URL(page.url()).hash).toMatch(/^#accumulate=\d+&speed=0.05&colors=white%20and%20black$/);
      // Of this sensor the network has seen the upper half.
      const rows = () => page.locator("#picture").getAttribute("height");
      expect(await rows()).not.toBe("20");
      await give(page, "half.txt", Buffer.from(`60 40\n${movingEdge()}`));
      await eventually(rows).toBe("20");
      await give(page, "cut.raw", Buffer.from("% evt 3.0\n% end\n1"));
      await eventually(() => problem(page).innerText()).toMatch(/cut\.raw/);
      await give(page, "photo.png", Buffer.from(bands(0)));
      await eventually(() => problem(page).innerText()).toMatch(
        /^photo\.png: this network was trained on events/,
      );
      await page.getByRole("button", { name: "Webcam" }).click();
      await eventually(() => page.locator("#pace").innerText()).toContain("frames a second");
      expect(await problem(page).count()).toBe(0);
      await eventually(() => page.locator("#picture").getAttribute("width")).toBe("64");
      // The film has a pale band at its foot, whose edges a camera of high threshold does not see.
      const paleEvents = async () => {
        const { width, height, data } = await painted(page, "#picture");
        const foot = data.slice(4 * width * Math.ceil(0.85 * height));
        return new Set(foot.filter((_, i) => i % 4 === 0)).size > 1;
      };
      await setSlider(page, "accumulate", "80");
      for (const [contrast, isSeen] of [
        ["0.6", false],
        ["0.06", true],
        ["0.6", false],
      ] as const) {
        await setSlider(page, "contrast", contrast);
        expect(new URL(page.url()).hash).toContain(`contrast=${contrast}`);
        expect(Number(await page.locator("#contrast-value").innerText())).toBe(Number(contrast));
        await eventually(paleEvents).toBe(isSeen);
        await page.waitForTimeout(300);
        expect(await paleEvents()).toBe(isSeen);
      }
      expect(complaints).toEqual([]);
      await close();
    });

    it("takes what is dropped anywhere on it", async () => {
      const { page, complaints, close } = await open("pictures");
      await answered(page);
      const first = await painted(page);
      const drag = async (type: string, bytes: string) => {
        const transfer = await page.evaluateHandle(`(() => {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob("${bytes}"), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
        return transfer;
      })()`);
        await page.dispatchEvent("#classes", type, { dataTransfer: transfer });
      };
      const picture = Buffer.from(bands(12)).toString("base64");
      await drag("dragover", picture);
      expect(await page.locator("#drop").isVisible()).toBe(true);
      await drag("drop", picture);
      expect(await page.locator("#drop").isVisible()).toBe(false);
      await eventually(() => painted(page)).not.toEqual(first);
      expect(complaints).toEqual([]);
      await close();
    });

    it.each(["light", "dark"] as const)(
      "has no serious accessibility findings, %s, and fits a phone",
      async (scheme) => {
        for (const sees of ["pictures", "events"] as const) {
          const { page, close } = await open(sees, { scheme, width: 390, bypassCSP: true });
          if (sees === "events") await give(page, "edge.txt", Buffer.from(movingEdge()));
          else await page.getByRole("button", { name: "Webcam" }).click();
          await answered(page);
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
          await page.evaluate(axe);
          const found = (await page.evaluate("axe.run()")) as {
            violations: { id: string; impact: string; nodes: { html: string }[] }[];
          };
          const serious = found.violations.filter(
            ({ impact }) => impact === "serious" || impact === "critical",
          );
          expect(serious.map(({ id, nodes }) => `${id} ${nodes[0]!.html.slice(0, 200)}`)).toEqual([]);
          await close();
        }
      },
    );
  },
);

/** In a browser: pixels of a canvas. Not from the page's own context, which nobody else reads from. */
const readPixels = (selector: string) => `(() => {
  const canvas = document.querySelector(${JSON.stringify(selector)});
  const { width, height } = canvas;
  const copy = Object.assign(document.createElement("canvas"), { width, height });
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return { width, height, data: Array.from(context.getImageData(0, 0, width, height).data) };
})()`;

/** In a browser: a short film of a moving bar, as base64. */
const recordVideo = `new Promise((resolve) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 128, height: 96 });
  const context = canvas.getContext("2d");
  let t = 0;
  const timer = setInterval(() => {
    context.fillStyle = "#234"; context.fillRect(0, 0, 128, 96);
    context.fillStyle = "#fd8"; context.fillRect((t++ * 5) % 128, 20, 30, 60);
  }, 30);
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = async () => {
    clearInterval(timer);
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    resolve(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
  };
  recorder.start();
  setTimeout(() => recorder.stop(), 900);
})`;
