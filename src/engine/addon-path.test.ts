import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { NativeLoadError } from "../errors.js";
import { addonFolder } from "./addon-path.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-addon-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function buildsOf(name: string, builds: readonly (readonly [folder: string, libtorch: string])[]): string {
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, "builds.tsv"), builds.map((build) => `${build.join("\t")}\n`).join(""));
  for (const [build] of builds) {
    mkdirSync(join(root, build), { recursive: true });
    writeFileSync(join(root, build, "snnseg_native.node"), "");
  }
  return root;
}

describe("addonFolder", () => {
  const root = buildsOf("two", [
    ["1.13.0-1", ""],
    ["2.13.0-2", "/opt/torch"],
  ]);

  it("is the build of the wanted libtorch, and the default's when none is named", () => {
    expect(addonFolder({ root, libtorch: "/opt/torch" })).toBe(join(root, "2.13.0-2"));
    expect(addonFolder({ root, libtorch: "/opt/x/../torch" })).toBe(join(root, "2.13.0-2"));
    expect(addonFolder({ root, libtorch: "" })).toBe(join(root, "1.13.0-1"));
  });

  it.each([
    [
      "/opt/other",
      /LIBTORCH=\/opt\/other .*found builds for .*LIBTORCH unset.*, LIBTORCH=\/opt\/torch only; run LIBTORCH=\/opt\/other scripts\/setup/,
    ],
    ["/opt/tor", /LIBTORCH=\/opt\/tor /],
  ])("says what is built and what to run when %s is not", (libtorch, message) => {
    expect(() => addonFolder({ root, libtorch })).toThrow(NativeLoadError);
    expect(() => addonFolder({ root, libtorch })).toThrow(message);
  });

  it("asks for set-up where nothing is built, and where a build is gone", () => {
    expect(() => addonFolder({ root: join(folder, "none"), libtorch: "" })).toThrow(
      /found nothing there; run scripts\/setup to build it \(it finds libtorch by itself, or takes LIBTORCH=DIR\)/,
    );
    const gone = buildsOf("gone", [["1.13.0-1", ""]]);
    rmSync(join(gone, "1.13.0-1"), { recursive: true });
    expect(() => addonFolder({ root: gone, libtorch: "" })).toThrow(/run scripts\/setup to build it/);
  });
});
