/** A spiking DeepLab learns one picture by heart, then gives an answer after every timestep of a stream. */
import { createModel, noGrad, SpikingState, scope, setThreads, tensorFrom } from "snnseg";
import { Adam } from "snnseg/nn";
import { argmax, crossEntropy, narrow, rand } from "snnseg/ops";

setThreads();
const timesteps = 5;
using model = createModel({
  kind: "snn",
  arch: "dl-vgg9",
  inputChannels: 2,
  numClasses: 3,
  timesteps,
});
using optimizer = new Adam(model.parameters(), { lr: 1e-3 });
using frames = rand([timesteps, 1, 2, 16, 16], 1); // [T, N, C, H, W]
// Left half class 1, right half class 2.
const truth = BigInt64Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 1n : 2n));
using labels = tensorFrom(truth, [1, 16, 16]);

for (let step = 1; step <= 30; step++) {
  scope("train step", () => {
    const { logits, activity } = model.forward(frames);
    const loss = crossEntropy(logits, labels, 255);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step % 10 !== 0) return;
    const spikes = activity.flatMap((layer) => layer.spikes).reduce((sum, count) => sum + count, 0);
    console.log(`step ${step}: loss ${loss.item().toFixed(4)}, ${spikes} spikes`);
  });
}

model.setTraining(false);
using state = new SpikingState();
for (let t = 0; t < timesteps; t++) {
  scope("timestep", () => {
    noGrad(() => {
      model.advance(narrow(frames, 0, t, 1), state);
      const predicted = argmax(model.readOut(state, [16, 16]), 1).toArray() as BigInt64Array;
      const right = predicted.filter((label, i) => label === truth[i]).length;
      console.log(`after timestep ${t + 1}: ${right} of 256 pixels right`);
    });
  });
}
