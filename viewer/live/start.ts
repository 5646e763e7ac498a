/** Builds the page from the data in it, and keeps it going. */
import type { LiveData } from "../../src/export/web/index.js";
import { connectControls } from "./controls.js";
import { explainCost, showCost } from "./cost-view.js";
import { byId } from "./elements.js";
import { eventColors } from "./event-colors.js";
import { Legend } from "./legend.js";
import { Loop } from "./loop.js";
import type { Opened } from "./messages.js";
import { Network } from "./network.js";
import { showNeurons } from "./neurons-view.js";
import { connectSeek } from "./seek.js";
import { connectSources } from "./source-controls.js";
import { eventCamera } from "./sources/event-camera-source.js";
import { bytesOf, openExample } from "./sources/example-source.js";
import { playRecording } from "./sources/recording-source.js";
import { SourceError } from "./sources/source.js";
import { Stage } from "./stage.js";
import { showSteps } from "./steps-view.js";

const engines: Readonly<Record<Opened["engine"], string>> = {
  "wasm-relaxed-simd": "WebAssembly, relaxed SIMD",
  "wasm-simd": "WebAssembly, SIMD",
  javascript: "JavaScript",
};

const text = (id: string) => byId(id, HTMLScriptElement).textContent ?? "";
const data = JSON.parse(text("live-data")) as LiveData;
const [state, paceText, problem] = ["state", "pace", "problem"].map((id) => byId(id, HTMLElement)) as [
  HTMLElement,
  HTMLElement,
  HTMLElement,
];
const neurons = byId("neurons", HTMLDetailsElement);

/** Tells the reader what is wrong, in a sentence; nothing where nothing is. */
function tell(error?: unknown): void {
  problem.hidden = error === undefined;
  problem.textContent = error instanceof Error ? error.message : String(error ?? "");
  // Not the reader's input: whoever mends it wants the place.
  if (error !== undefined && !(error instanceof SourceError)) console.warn(error);
}

/** Workers: events follow each other, so that one has to see them all; two need a core each beside the page's and the system's. */
function lanesFor({ sees }: LiveData): number {
  return sees === "picture" && navigator.hardwareConcurrency >= 4 ? 2 : 1;
}

async function start(): Promise<void> {
  byId("about", HTMLElement).textContent = data.about;
  explainCost(data.energy);
  const network = new Network(text("live-worker"), lanesFor(data));
  const { costs, shown } = data;
  const model = bytesOf(text("live-model")).buffer;
  const { description, engine } = await network.open({
    kind: "open",
    model,
    data: { costs, ...(shown && { shown }) },
  });
  const stage = new Stage(description);
  const legend = new Legend(description, (off) => controls.set({ off }));
  const controls = connectControls(description, {
    changed(settings) {
      stage.setOpacity(settings.overlay);
      stage.setOff(settings.off);
      legend.setOff(settings.off);
    },
    recompute: () => loop.refresh(),
  });
  const eventSettings = () => {
    const { contrast, speed, accumulate, colors } = controls.now;
    return { contrast, speed, look: { windowUs: accumulate * 1000, colors: eventColors[colors] } };
  };
  const loop: Loop = new Loop(network, {
    run: () => controls.run(),
    answered(answer, rate) {
      const { computeMs, detail, labels } = answer;
      stage.show(answer);
      seek.follow();
      legend.show(labels);
      const pace = rate === undefined ? "" : `${rate.toFixed(1)} frames a second · `;
      paceText.textContent = `${pace}${computeMs.toFixed(0)} ms · ${engines[engine]}`;
      if (detail === undefined) return;
      showSteps(detail.steps, description);
      showCost(detail.operations, data);
      if (neurons.open) showNeurons(detail.layers);
    },
    failed: tell,
  });
  const seek = connectSeek(loop);
  neurons.addEventListener("toggle", () => neurons.open && loop.refresh());
  for (const id of ["actions", "settings", "classes"]) byId(id, HTMLFieldSetElement).disabled = false;
  const seesEvents = description.input.kind === "events";
  byId("events", HTMLElement).hidden = !seesEvents;
  document.documentElement.classList.toggle("sees-events", seesEvents);
  byId("pointed", HTMLElement).textContent =
    `Drop ${seesEvents ? "an event recording" : "a picture"} or a video on the page, or press Webcam`;
  state.textContent = "Ready";
  document.documentElement.classList.add("ready");
  const { example } = data;
  await connectSources({
    ...{ loop, stage, seek, tell, sees: description.input.kind },
    example: example && (() => openExample(example)),
    async openRecording(file) {
      const recording = await network.openRecording(file).catch((error: Error) => {
        throw new SourceError(error.message);
      });
      const { leftOut } = recording;
      if (leftOut !== "") tell(new SourceError(`${file.name}: left out as unusable: ${leftOut}`));
      return playRecording(recording, { name: file.name, settings: eventSettings });
    },
    throughEventCamera: (source) => eventCamera(source, eventSettings),
  });
}

start().catch((error: unknown) => {
  state.textContent = "The network could not be opened";
  tell(error);
});
