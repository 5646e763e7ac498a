/** A checkpoint in the reference's layout, imported and run, gives the golden outputs of its network. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.js";
import { noGrad, scope } from "../../src/engine/index.js";
import { createModel, type ModelConfig } from "../../src/models/index.js";
import { readState } from "../../src/nn/index.js";
import {
  type JsonObject,
  jsonToPickle,
  loadCheckpoint,
  type NamedArrays,
  type PickleValue,
  toReferenceLayout,
  writePytorch,
} from "../../src/serialization/index.js";
import { restoreWeights } from "../../src/training/index.js";
import { sharedGolden } from "../shared-data.js";
import { type ForwardCase, loadCase } from "./golden-case.js";
import { buildNetwork, initialValues, inputOf } from "./network.js";

/** Of the golden cases' own tolerances: output, max abs difference / max abs output. */
const OUTPUT_TOLERANCE = 5e-5;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-import-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it
  .skipIf(!sharedGolden)
  .each(["ann-dl9-bn", "ann-fcn9-nobn-leaky", "snn-dl9-bntt-fastsigm", "snn-dl9-nobn", "snn-fcn9-bntt"])(
  "%s imported from a .pth evaluates to the golden output (needs the golden folder)",
  async (id) => {
    const loaded = await loadCase(join(sharedGolden!, `${id}.json`));
    const content = loaded.content as ForwardCase;
    const path = join(folder, `${id}.pth`);
    await writePytorch(path, referenceFile(content));
    const out = join(folder, id);
    const told = content.config.bn ? [] : ["--model", content.kind];
    const streams = { out: new PassThrough(), err: new PassThrough() };
    const code = await runProgram(["checkpoint", "import", path, out, ...told], streams);
    expect({ code, err: streams.err.read() as unknown }).toEqual({ code: 0, err: null });

    const { tensors, meta } = await loadCheckpoint(out);
    using model = createModel(meta.model as unknown as ModelConfig);
    restoreWeights(out, model, tensors);
    model.setTraining(false);
    const expected = Array.from(
      loaded.data((content.eval === "same as train" ? content.train : content.eval).output),
    );
    const largest = Math.max(...expected.map(Math.abs));
    scope("evaluate", () =>
      noGrad(() => {
        const { logits } = model.forward(inputOf(content.inputs, content.config.timesteps ?? 1));
        const distance = Math.max(
          ...logits.toFloat32Array().map((value, i) => Math.abs(value - expected[i]!)),
        );
        expect(distance / largest).toBeLessThan(OUTPUT_TOLERANCE);
      }),
    );
  },
);

/** The file the reference would have saved: its names and values, with the statistics of one forward in train mode. */
function referenceFile(content: ForwardCase): PickleValue {
  using model = buildNetwork(content.config, content.kind, content.parameters);
  scope("train forward", () =>
    noGrad(() => model.forward(inputOf(content.inputs, content.config.timesteps ?? 1))),
  );
  const state: NamedArrays = new Map();
  for (const parameter of content.parameters) {
    state.set(`module.${parameter.name}`, {
      dtype: "float32",
      shape: parameter.shape,
      data: initialValues(parameter),
    });
  }
  for (const [name, array] of toReferenceLayout(readState(model) as NamedArrays).tensors) {
    if (/running_|tracked$/.test(name)) state.set(`module.${name}`, array);
  }
  return new Map<string, PickleValue>([
    ["state_dict", state],
    ["config", jsonToPickle(content.config as unknown as JsonObject)],
    ["epoch", 59],
  ]);
}
