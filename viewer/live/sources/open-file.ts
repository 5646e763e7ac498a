/** From a file that was dropped or chosen to what is in it, by its name and what the browser says of it. */
import { openPicture } from "./picture-source.js";
import { type Source, SourceError } from "./source.js";
import { openVideo } from "./video-source.js";

const pictureNames = /\.(png|jpe?g|webp|gif|bmp|avif|svg|tiff?|heic)$/i;
const videoNames = /\.(mp4|m4v|webm|ogv|mov|mkv|avi|mjpe?g)$/i;
const recordingNames = /\.(raw|dat|aedat4?|hdf5|h5|bin|txt|csv)$/i;

/** What opens what a network of one kind takes. */
export interface Openers {
  /** What the network was trained on. */
  readonly sees: "picture" | "events";
  /** Of a network of events. */
  openRecording(file: File): Promise<Source>;
  /** Makes events of a video's pictures. */
  throughEventCamera(source: Source): Source;
}

/** @throws SourceError with a sentence for the reader, where it does not fit or is damaged */
export async function openFile(file: File, openers: Openers): Promise<Source> {
  const { name, type, size } = file;
  const events = openers.sees === "events";
  const wanted = events ? "an event recording or a video" : "a picture or a video";
  if (size === 0)
    throw new SourceError(`${name}: expected ${wanted}, received an empty file; choose another`);
  if (type.startsWith("video/") || videoNames.test(name)) {
    const video = await openVideo(file);
    return events ? openers.throughEventCamera(video) : video;
  }
  const isPicture = type.startsWith("image/") || pictureNames.test(name);
  if (events && isPicture) {
    throw new SourceError(
      `${name}: this network was trained on events, and a single picture has none; give it a recording or a video`,
    );
  }
  if (events) return openers.openRecording(file);
  if (recordingNames.test(name)) {
    throw new SourceError(
      `${name}: this network was trained on pictures, not on events; give it a picture or a video`,
    );
  }
  return openPicture(file, name);
}
