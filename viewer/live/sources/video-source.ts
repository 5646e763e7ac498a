/** Pictures of a video: always the newest, so that those in between are dropped. */
import { type Source, SourceError } from "./source.js";

/** A wider picture is reduced on the way: the network sees fewer pixels anyway. */
const mostColumns = 960;
/** Length of a frame where the reader steps through a video, in seconds. */
const frameSeconds = 1 / 25;

/**
 * @param file - a video in any format that the browser plays
 * @throws SourceError where it plays none
 */
export async function openVideo(file: File): Promise<Source> {
  const video = silentVideo();
  const address = URL.createObjectURL(file);
  video.src = address;
  video.loop = true;
  try {
    await video.play();
    await findDuration(video);
  } catch {
    URL.revokeObjectURL(address);
    throw new SourceError(
      `${file.name}: expected a video, received something that this browser cannot play; the file may be damaged`,
    );
  }
  return videoSource(video, file.name, () => URL.revokeObjectURL(address));
}

/** Browsers' own recordings do not say how long they are, and cannot be played again before that is known: a look at their end tells. */
async function findDuration(video: HTMLVideoElement): Promise<void> {
  if (Number.isFinite(video.duration)) return;
  await seek(video, Number.MAX_SAFE_INTEGER);
  await seek(video, 0);
  await video.play();
}

function seek(video: HTMLVideoElement, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    video.addEventListener("seeked", () => resolve(), { once: true });
    video.currentTime = seconds;
  });
}

/** A video element without sound, which may then play by itself. */
export function silentVideo(): HTMLVideoElement {
  return Object.assign(document.createElement("video"), { muted: true, playsInline: true });
}

/** @param release - gives back what the video comes from */
export function videoSource(video: HTMLVideoElement, name: string, release: () => void): Source {
  let seen = -1;
  return {
    name,
    moves: true,
    async input(again) {
      if ((video.currentTime === seen && !again) || video.readyState < video.HAVE_CURRENT_DATA)
        return undefined;
      seen = video.currentTime;
      const reduce =
        video.videoWidth > mostColumns ? { resizeWidth: mostColumns, resizeQuality: "medium" as const } : {};
      return { kind: "picture", bitmap: await createImageBitmap(video, reduce) };
    },
    timeUs: () => Math.round(seen * 1e6),
    setPaused(paused) {
      if (paused) video.pause();
      else void video.play();
    },
    async step() {
      if (!Number.isFinite(video.duration)) return cameraStep(video);
      await seek(video, (video.currentTime + frameSeconds) % video.duration);
    },
    close() {
      video.pause();
      video.removeAttribute("src");
      video.srcObject = null;
      release();
    },
  };
}

/** The webcam's picture of now. */
async function cameraStep(video: HTMLVideoElement): Promise<void> {
  const before = video.currentTime;
  await video.play();
  while (video.currentTime === before) await new Promise((resolve) => setTimeout(resolve, 10));
  video.pause();
}
