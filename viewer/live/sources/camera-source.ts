/** Pictures of the webcam. */
import { type Source, SourceError } from "./source.js";
import { silentVideo, videoSource } from "./video-source.js";

/** @throws SourceError where there is no webcam, or it is not allowed */
export async function openCamera(): Promise<Source> {
  if (navigator.mediaDevices === undefined) {
    throw new SourceError(
      "Browsers give the webcam to pages from https, localhost or a file only; open this page in one of these ways.",
    );
  }
  const wanted = { video: { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } } };
  const stream = await navigator.mediaDevices.getUserMedia(wanted).catch((error: DOMException) => {
    throw new SourceError(
      error.name === "NotAllowedError"
        ? "The webcam is not allowed for this page; allow it beside the address, then press Webcam again."
        : "No webcam answers; connect one that no other program uses, then press Webcam again.",
    );
  });
  const video = silentVideo();
  video.srcObject = stream;
  await video.play();
  return videoSource(video, "webcam", () => {
    for (const track of stream.getTracks()) track.stop();
  });
}
