/** Resident memory of this process, where Linux knows it. */
import { readFileSync, writeFileSync } from "node:fs";

/** Forgets the peak; false where it cannot be known. */
export function resetPeak() {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    return false;
  }
}

/** In bytes: `VmHWM` the peak, `RssAnon` what the process made, `RssFile` pages of its programs and libraries. */
export function memory(name) {
  const [, kib] = new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"));
  return 1024 * Number(kib);
}
