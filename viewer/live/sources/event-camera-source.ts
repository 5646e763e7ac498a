/** Webcam and video as an event camera sees them. */
import type { EventLook, Input } from "../messages.js";
import type { Source } from "./source.js";

/** How the reader has set the camera. */
export interface CameraLook {
  readonly contrast: number;
  readonly look: EventLook;
}

/** @param source - of pictures; the result owns it */
export function eventCamera(source: Source, settings: () => CameraLook): Source {
  return {
    ...source,
    isEventCamera: true,
    async input(again): Promise<Input | undefined> {
      const input = await source.input(again);
      if (input?.kind !== "picture") return undefined;
      return { kind: "camera", bitmap: input.bitmap, timeUs: source.timeUs(), ...settings() };
    },
  };
}
