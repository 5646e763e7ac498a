/** What the reader has set, kept in the address so that a link shows the same. */
import { type EventColorName, eventColors } from "./event-colors.js";

/** What is a number. */
export interface Numbers {
  /** Percent of the classes' colours over the picture. */
  overlay: number;
  timesteps: number;
  /** Factor on every threshold. */
  threshold: number;
  /** λ of the neurons. */
  leak: number;
  /** Time that a frame of events shows, in milliseconds. */
  accumulate: number;
  /** Change of the logarithm of brightness at which an event camera's pixel sends an event. */
  contrast: number;
  /** Of a recording: 1 is as fast as it was. */
  speed: number;
}

/** All that can be set. */
export interface Settings extends Numbers {
  /** How events are drawn. */
  colors: EventColorName;
  /** Classes that are not shown, by number. */
  off: readonly number[];
}

/** Limits of what is a number. */
export type Ranges = Readonly<Record<keyof Numbers, readonly [least: number, most: number]>>;

/** Settings that tell the address what differs from how they were at first. */
export class AddressSettings {
  readonly #usual: Settings;
  readonly #ranges: Ranges;
  /** As they are now; {@link AddressSettings.set} changes them. */
  now: Settings;

  constructor(usual: Settings, ranges: Ranges) {
    this.#usual = usual;
    this.#ranges = ranges;
    this.now = this.#read();
  }

  /** Changes some, and the address with them. */
  set(changed: Partial<Settings>): void {
    this.now = { ...this.now, ...changed };
    const words = Object.entries(this.now)
      .filter(([key, value]) => String(value) !== String(this.#usual[key as keyof Settings]))
      .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
    // Not a step of the browser's history: "back" leaves the page.
    const address = words.length > 0 ? `#${words.join("&")}` : location.pathname + location.search;
    history.replaceState(null, "", address);
  }

  /** Takes over an address that was changed by hand. */
  reread(): void {
    this.now = this.#read();
  }

  /** What the address says; what it says wrongly is as usual. */
  #read(): Settings {
    const read = { ...this.#usual };
    const words = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(this.#ranges) as (keyof Numbers)[]) {
      const [least, most] = this.#ranges[key];
      const text = words.get(key);
      const value = Number(text);
      if (text !== null && text !== "" && value >= least && value <= most) read[key] = value;
    }
    const colors = words.get("colors");
    if (colors !== null && Object.hasOwn(eventColors, colors)) read.colors = colors as EventColorName;
    const off = words.get("off");
    if (off !== null) read.off = off.split(",").map(Number).filter(Number.isInteger);
    return read;
  }
}
