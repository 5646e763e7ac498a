/** An architecture of your own: a small U-Net as a spiking network, described, trained for a moment, its operations counted. */
import { createModel, noGrad, scope, setThreads, tensorFrom } from "snnseg";
import { OperationCounter } from "snnseg/energy";
import { type ArchitectureStage, layerTable, type NamedArchitecture } from "snnseg/models";
import { Adam } from "snnseg/nn";
import { crossEntropy, rand } from "snnseg/ops";

setThreads();
const conv = (channels: number): ArchitectureStage => ({ kind: "conv", channels });
const keep = (name: string): ArchitectureStage => ({ kind: "keep", name });
const join = (name: string): ArchitectureStage => ({ kind: "join", name });
const down: ArchitectureStage = { kind: "pool", stride: 2 };
const arch: NamedArchitecture = {
  name: "u-net-small",
  decoder: "output", // a 1x1 convolution of the last map
  features: [
    ...[conv(8), keep("whole"), down, conv(16), keep("half"), down, conv(32)],
    ...[join("half"), conv(16), join("whole"), conv(8)],
  ],
  classifier: [],
};

const size = [24, 32] as const;
using model = createModel({
  ...{ kind: "snn", arch, inputChannels: 2, numClasses: 2, timesteps: 4 },
});
for (const { name, kind, shape } of layerTable(model.config, size))
  console.log(name, "-", kind, shape.join("x"));

using optimizer = new Adam(model.parameters(), { lr: 5e-3 });
using frames = rand([4, 1, 2, ...size], 1); // [T, N, C, H, W]
const truth = BigInt64Array.from({ length: 24 * 32 }, (_, i) => (i % 32 < 16 ? 0n : 1n));
using labels = tensorFrom(truth, [1, ...size]);
for (let step = 1; step <= 20; step++) {
  const loss = scope("train step", () => {
    const error = crossEntropy(model.forward(frames).logits, labels, 255);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (step % 10 === 0) console.log(`step ${step}: loss ${loss.toFixed(4)}`);
}

model.setTraining(false);
const counter = new OperationCounter(model.config, size);
scope("count", () => void noGrad(() => model.forward(frames, { observer: counter })));
const { spikes, neurons, timesteps } = counter.operations();
console.log(`${spikes} spikes of ${neurons} neurons in ${timesteps} timesteps`);
