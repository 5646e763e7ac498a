/** Where a recording is, and where the reader wants it. */
import { byId } from "./elements.js";
import type { Loop } from "./loop.js";
import type { RecordingSource } from "./sources/recording-source.js";
import type { Source } from "./sources/source.js";

/** The bar of one page. */
export interface SeekBar {
  /** Shows the bar for recordings alone. */
  show(source: Source): void;
  /** Follows the recording. */
  follow(): void;
}

export function connectSeek(loop: Loop): SeekBar {
  const bar = byId("seek", HTMLInputElement);
  let player: RecordingSource["player"] | undefined;
  const follow = () => {
    if (player === undefined) return;
    const at = player.timeUs - player.startUs;
    bar.value = String(Math.round((at / Math.max(1, player.durationUs)) * Number(bar.max)));
    const words = `${(at / 1e6).toFixed(2)} s`;
    byId("seek-value", HTMLOutputElement).textContent = words;
    bar.setAttribute("aria-valuetext", words);
  };
  bar.addEventListener("input", () => {
    if (player === undefined) return;
    player.seek(player.startUs + (bar.valueAsNumber / Number(bar.max)) * player.durationUs);
    follow();
    loop.refresh();
  });
  return {
    follow,
    show(source) {
      player = "player" in source ? (source as RecordingSource).player : undefined;
      byId("recording", HTMLFieldSetElement).hidden = player === undefined;
      follow();
    },
  };
}
