/**
 * A live stream: frames of events go one by one through fused kernels, the membranes are carried from frame to frame, and
 * there is an answer after each. The network is untrained; `createModel` and `restoreWeights` make one from a checkpoint.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createModel, fuseSnn, SpikingState, scope, tensorFrom } from "snnseg";
import { openRecordingFrames } from "snnseg/data";
import { argmax } from "snnseg/ops";

const timesteps = 5;
const size = [16, 32] as const;

// A dot that moves right by one pixel every 2 ms, as text: time in microseconds, x, y, polarity.
const folder = await mkdtemp(join(tmpdir(), "stream-"));
const path = join(folder, "dot.txt");
const lines = Array.from(
  { length: 240 },
  (_, k) => `${k * 200} ${Math.floor(k / 10)} ${5 + (k % 6)} ${k % 2}`,
);
await writeFile(path, lines.join("\n"));
const recording = await openRecordingFrames(path, {
  ...{ name: "events", root: folder },
  ...{ imgSize: size, windowUs: 8000 },
});

using model = createModel({
  kind: "snn",
  arch: "dl-vgg9",
  inputChannels: 2,
  numClasses: 3,
  timesteps,
});
model.setTraining(false);
using fused = fuseSnn(model, { height: size[0], width: size[1], precision: "fast" });

let state = new SpikingState();
for await (const { startUs, events, input } of recording.frames()) {
  if (state.step === timesteps) {
    state.dispose(); // Batch norm through time knows T steps; without it a stream may go on for ever.
    state = new SpikingState();
  }
  scope("frame", () => {
    const activity = fused.step(tensorFrom(input as Float32Array<ArrayBuffer>, [1, 2, ...size]), state);
    const labels = argmax(fused.readOut(state), 1).toArray();
    const spikes = activity.flatMap((layer) => layer.spikes).reduce((sum, count) => sum + count, 0);
    const shares = [0, 1, 2].map((id) => Array.from(labels, Number).filter((label) => label === id).length);
    console.log(
      `${startUs / 1000} ms, timestep ${state.step}: ${events} events, ${spikes} spikes, pixels ${shares}`,
    );
  });
}
state.dispose();
await rm(folder, { recursive: true });
