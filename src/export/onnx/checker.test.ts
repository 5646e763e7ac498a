/** ONNX's own checker, with inference of all shapes, on files of every kind. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleMeta, exportedNetworks } from "../../../tests/exported-networks.js";
import { OptionError } from "../../errors.js";
import { createModel } from "../../models/index.js";
import { exportChoices } from "../export-target.js";
import { foldNetwork } from "../fold-network.js";
import { writeOnnx } from "./write-onnx.js";

const python = "/usr/bin/python3";
const hasChecker = spawnSync(python, ["-c", "import onnx"]).status === 0;
const check = `
import glob, onnx, sys
files = sorted(glob.glob(sys.argv[1] + "/*.onnx"))
for file in files:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
print(len(files))
`;

describe("ONNX's checker", () => {
  it.skipIf(!hasChecker)("finds nothing wrong (needs Debian's python3-onnx)", () => {
    const folder = mkdtempSync(join(tmpdir(), "snnseg-onnx-"));
    let written = 0;
    for (const [name, settings] of Object.entries(exportedNetworks)) {
      using model = createModel(settings, { seed: 5 });
      for (const form of exportChoices.form) {
        for (const precision of exportChoices.precision) {
          try {
            const bytes = writeOnnx(foldNetwork(model), exampleMeta(model), { form, precision });
            writeFileSync(join(folder, `${name} ${form} ${precision}.onnx`), bytes);
            written++;
          } catch (error) {
            // What the format cannot say.
            if (!(error instanceof OptionError)) throw error;
          }
        }
      }
    }
    const checked = execFileSync(python, ["-c", check, folder], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect(written).toBeGreaterThan(50);
    expect(Number(checked)).toBe(written);
  });
});
