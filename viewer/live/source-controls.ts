/** Buttons and drops that choose what is segmented, and what is done with the answer. */
import { byId } from "./elements.js";
import type { Loop } from "./loop.js";
import type { SeekBar } from "./seek.js";
import { openCamera } from "./sources/camera-source.js";
import { type Openers, openFile } from "./sources/open-file.js";
import type { Source } from "./sources/source.js";
import type { Stage } from "./stage.js";

const button = (id: string) => byId(id, HTMLButtonElement);

/** What the buttons work on. */
export interface Connected extends Openers {
  readonly loop: Loop;
  readonly stage: Stage;
  readonly seek: SeekBar;
  /** Begins the page; there may be none. */
  readonly example: (() => Promise<Source>) | undefined;
  /** Tells the reader what is wrong, or that nothing is. */
  tell(error?: unknown): void;
}

/** Connects all buttons, and begins with the example. */
export async function connectSources(connected: Connected): Promise<void> {
  const { loop, stage, seek, example, sees, tell } = connected;
  const [pause, step, camera] = [button("pause"), button("step"), button("camera")];
  let turn = 0;
  /** Opens what was chosen last, however long others take. */
  const begin = async (opening: Promise<Source>) => {
    const mine = ++turn;
    tell();
    try {
      const source = await opening;
      if (mine !== turn) return source.close();
      loop.open(source);
      camera.setAttribute("aria-pressed", String(source.name === "webcam"));
      pause.setAttribute("aria-pressed", "false");
      pause.disabled = step.disabled = !source.moves;
      byId("contrast-label", HTMLElement).hidden = !source.isEventCamera;
      seek.show(source);
    } catch (error) {
      if (mine === turn) tell(error);
    }
  };
  pause.disabled = step.disabled = true;
  pause.addEventListener("click", () => {
    loop.setPaused(!loop.paused);
    pause.setAttribute("aria-pressed", String(loop.paused));
  });
  step.addEventListener("click", () => {
    if (!loop.paused) pause.click();
    loop.step().catch(tell);
  });
  camera.addEventListener("click", () => {
    const source = openCamera();
    void begin(sees === "events" ? source.then(connected.throughEventCamera) : source);
  });
  connectFiles((file) => void begin(openFile(file, connected)));
  for (const what of ["picture", "mask"] as const) {
    button(`save-${what}`).addEventListener("click", () => save(stage.drawing(what), `${what}.png`));
  }
  button("example").hidden = example === undefined;
  if (example === undefined) return;
  button("example").addEventListener("click", () => void begin(example()));
  await begin(example());
}

function connectFiles(opened: (file: File) => void): void {
  const input = byId("file", HTMLInputElement);
  const drop = byId("drop", HTMLElement);
  button("open").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) opened(file);
    // The same file may be chosen again.
    input.value = "";
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.hidden = false;
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) drop.hidden = true;
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.hidden = true;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) opened(file);
  });
}

function save(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob!);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
