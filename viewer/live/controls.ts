/** Sliders and choices with their numbers. */
import type { ModelDescription } from "../../src/web/index.js";
import { byId, element, short } from "./elements.js";
import { type EventColorName, eventColors } from "./event-colors.js";
import type { RunSettings } from "./messages.js";
import { AddressSettings, type Numbers, type Ranges, type Settings } from "./settings.js";

/** A slider's own numbers, where they are not the setting's. */
interface Scale {
  readonly from: (slider: number) => number;
  readonly to: (value: number) => number;
}

const same: Scale = { from: (slider) => slider, to: (value) => value };
/** Equal factors over 100 steps, with so many digits as are told. */
const logarithmic = ([least, most]: readonly [number, number]): Scale => ({
  from: (slider) => Number((least * (most / least) ** (slider / 100)).toPrecision(2)),
  to: (value) => (100 * Math.log(value / least)) / Math.log(most / least),
});

const accumulateMs = [1, 1000] as const;
const speeds = [0.05, 5] as const;

/** Name of each slider's setting, how it is told, and how it moves. */
const sliders: Readonly<
  Record<keyof Numbers, { readonly words: (value: number) => string; readonly scale?: Scale }>
> = {
  overlay: { words: (value) => `${value} %` },
  timesteps: { words: String },
  threshold: { words: (value) => `× ${value.toFixed(2)}` },
  leak: { words: (value) => value.toFixed(2) },
  accumulate: { words: (value) => `${short(value)} ms`, scale: logarithmic(accumulateMs) },
  contrast: { words: (value) => value.toFixed(2) },
  speed: { words: (value) => `× ${short(value)}`, scale: logarithmic(speeds) },
};
const names = Object.keys(sliders) as (keyof Numbers)[];

/** What the controls do. */
export interface ControlListener {
  /** Anything that is only looked at. */
  changed(settings: Settings): void;
  /** The network is to answer anew. */
  recompute(): void;
}

/** The settings of one page. */
export interface Controls {
  readonly now: Settings;
  run(): RunSettings;
  set(changed: Partial<Settings>): void;
}

/** Sliders for what this network has: a single timestep, an ANN or neurons without a leak have none for it. */
export function connectControls(
  network: ModelDescription,
  { changed, recompute }: ControlListener,
): Controls {
  const { timesteps, leak } = network;
  const has = controlsOf(network);
  const settings = new AddressSettings(usualSettings(network), {
    ...{ overlay: [0, 100], timesteps: [1, timesteps], threshold: [0.25, 3], leak: [0, 1] },
    ...{ accumulate: accumulateMs, contrast: [0.05, 0.8], speed: speeds },
  } satisfies Ranges);
  const colors = byId("colors", HTMLSelectElement);
  colors.append(...Object.keys(eventColors).map((name) => element("option", {}, name)));
  byId("timesteps", HTMLInputElement).max = String(timesteps);
  for (const name of names) if (!has[name]) byId(`${name}-label`, HTMLElement).hidden = true;
  const show = () => {
    for (const name of names) {
      const { words, scale = same } = sliders[name];
      byId(name, HTMLInputElement).value = String(scale.to(settings.now[name]));
      byId(`${name}-value`, HTMLOutputElement).textContent = words(settings.now[name]);
    }
    colors.value = settings.now.colors;
    changed(settings.now);
  };
  const set = (values: Partial<Settings>) => {
    settings.set(values);
    show();
    if (Object.keys(values).some((name) => name !== "overlay" && name !== "off")) recompute();
  };
  for (const name of names) {
    const slider = byId(name, HTMLInputElement);
    const { scale = same } = sliders[name];
    slider.addEventListener("input", () => set({ [name]: scale.from(slider.valueAsNumber) }));
  }
  colors.addEventListener("change", () => set({ colors: colors.value as EventColorName }));
  const { off: _, ...usual } = usualSettings(network);
  byId("reset", HTMLButtonElement).addEventListener("click", () => set(usual));
  addEventListener("hashchange", () => {
    settings.reread();
    show();
    recompute();
  });
  show();
  return {
    set,
    get now() {
      return settings.now;
    },
    run() {
      const { timesteps: steps, threshold, leak: given } = settings.now;
      const changedLeak = has.leak && given !== leak ? { leak: given } : {};
      return { timesteps: steps, thresholdFactor: threshold, ...changedLeak };
    },
  };
}

function usualSettings({ timesteps, leak, input }: ModelDescription): Settings {
  const accumulate = input.kind === "events" ? input.windowUs / 1000 : 50;
  return {
    ...{ overlay: 55, timesteps, threshold: 1, leak: leak ?? 1 },
    ...{ accumulate, contrast: 0.2, speed: 1, colors: "blue and red", off: [] },
  };
}

function controlsOf({ kind, timesteps, leak, input, thresholds }: ModelDescription) {
  const events = input.kind === "events";
  return {
    ...{ overlay: true, timesteps: timesteps > 1 },
    threshold: kind === "snn" && Object.keys(thresholds).length > 0,
    leak: leak !== undefined && timesteps > 1,
    ...{ accumulate: events, contrast: events, speed: events },
  } satisfies Readonly<Record<keyof Numbers, boolean>>;
}
