/** What files are called that are no recording we read, for the error that says so. */
import type { ByteSource } from "./byte-file.js";
import { latin1Text } from "./latin1.js";

const starts: readonly (readonly [start: string, name: string])[] = [
  ["#!AER-DAT", "another version of AEDAT"],
  ["#ROSBAG", "a ROS bag"],
  ["\x93NUMPY", "a NumPy array"],
  ["PK\x03\x04", "a ZIP archive, such as .npz"],
  ["\x1f\x8b", "a gzip archive"],
  ["\x89HDF", "HDF5 without the columns events/t, x, y, p or dvs/data"],
  ["RIFF", "a sound or video file"],
];

/** A few words about the file, or undefined for one of no known kind. */
export async function foreignFormat(source: ByteSource): Promise<string | undefined> {
  await using file = await source.open();
  const text = latin1Text(await file.read(0, 4096));
  const version = /^% (?:evt|format EVT) ?([\d.]+)/im.exec(text)?.[1];
  if (text.startsWith("% ") && version !== undefined) return `EVT ${version}`;
  return starts.find(([start]) => text.startsWith(start))?.[1];
}
