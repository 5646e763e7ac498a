/** What files are called that are no recording we read, for the error that says so. */
import { ByteFile } from "./byte-file.js";

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
export async function foreignFormat(path: string): Promise<string | undefined> {
  await using file = await ByteFile.open(path);
  const text = (await file.read(0, 4096)).toString("latin1");
  const version = /^% (?:evt|format EVT) ?([\d.]+)/im.exec(text)?.[1];
  if (text.startsWith("% ") && version !== undefined) return `EVT ${version}`;
  return starts.find(([start]) => text.startsWith(start))?.[1];
}
