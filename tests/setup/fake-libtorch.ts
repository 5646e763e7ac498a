/** Made-up libtorch folders: headers that name a version, libraries without content. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where releases keep the macros of their version: up to about 2.9, and since. */
export const versionHeaders = {
  old: "include/torch/csrc/api/include/torch/version.h",
  new: "include/torch/headeronly/version.h",
  plain: "include/torch/version.h",
} as const;

export type FakeLibtorch = {
  readonly version?: string;
  readonly header?: keyof typeof versionHeaders;
  readonly headers?: boolean;
  readonly libraries?: boolean;
  /** What libc10 holds: names of symbols. */
  readonly symbols?: string;
};

/** Writes one under `prefix`; whatever is not asked for is left out. */
export function writeFakeLibtorch(
  prefix: string,
  { version, header = "old", headers = true, libraries = true, symbols = "" }: FakeLibtorch,
): string {
  if (headers) write(join(prefix, "include/ATen/ATen.h"), "");
  if (headers && version !== undefined) {
    const macros = ["MAJOR", "MINOR", "PATCH"].map(
      (name, i) => `#define TORCH_VERSION_${name} ${version.split(".")[i]}`,
    );
    write(join(prefix, versionHeaders[header]), `#pragma once\n\n${macros.join("\n\n")}\n`);
    // Later releases keep the old header, without the numbers.
    if (header === "new") write(join(prefix, versionHeaders.old), "#include <torch/headeronly/version.h>\n");
  }
  if (libraries) {
    write(join(prefix, "lib/libtorch_cpu.so"), `library ${version}`);
    write(join(prefix, "lib/libc10.so"), symbols);
  }
  return prefix;
}

export function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}
