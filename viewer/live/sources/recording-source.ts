/** An event recording, played at any speed from any moment, again and again. */
import { EventPlayer } from "../../../src/events/web.js";
import type { EventLook, Recording } from "../messages.js";
import type { Source } from "./source.js";

/** How the reader has set the player. */
export interface PlayerLook {
  /** 1 is as fast as it was. */
  readonly speed: number;
  readonly look: EventLook;
}

/** A recording that is played. */
export interface RecordingSource extends Source {
  readonly player: Pick<EventPlayer, "startUs" | "durationUs" | "timeUs" | "seek">;
}

/** A page that was not seen for a while does not jump ahead. */
const longestStepMs = 1000;

/** @param recording - the one that the worker has open, which also cuts its windows */
export function playRecording(
  { rangeUs }: Recording,
  { name, settings }: { readonly name: string; readonly settings: () => PlayerLook },
): RecordingSource {
  const window = () => Promise.reject(new Error("play: expected the worker to cut windows"));
  const player = new EventPlayer({ rangeUs, window });
  player.seek(player.startUs + settings().look.windowUs);
  let asked: number | undefined;
  let paused = false;
  const advance = (ms: number) => {
    if (!player.advance(ms)) player.seek(player.startUs);
  };
  return {
    name,
    moves: true,
    player,
    timeUs: () => player.timeUs,
    async input() {
      const now = performance.now();
      player.rate = settings().speed;
      if (!paused && asked !== undefined) advance(Math.min(now - asked, longestStepMs));
      asked = now;
      return { kind: "recording", timeUs: player.timeUs, look: settings().look };
    },
    setPaused(now) {
      paused = now;
      asked = undefined;
    },
    async step() {
      player.rate = 1;
      advance(settings().look.windowUs / 1000);
    },
    close() {},
  };
}
