/** A loss of your own: cross-entropy, and a price on scores that change from one pixel to the next. */
import {
  createLoader,
  createModel,
  type DatasetSpec,
  encodeInput,
  evaluate,
  setThreads,
  type Tensor,
  trainStep,
  voidLabel,
} from "snnseg";
import { Adam } from "snnseg/nn";
import { abs, add, crossEntropy, mean, mul, narrow, sub } from "snnseg/ops";

setThreads();
/** Mean |difference| of neighbouring columns of scores `[N, K, H, W]`. */
function roughness(logits: Tensor): Tensor {
  const width = (logits.shape[3] ?? 1) - 1;
  return mean(abs(sub(narrow(logits, 3, 1, width), narrow(logits, 3, 0, width))));
}
const lossOf = (logits: Tensor, labels: Tensor) =>
  add(crossEntropy(logits, labels, voidLabel), mul(roughness(logits), 0.1));

const data: DatasetSpec = { name: "digits", imgSize: [16, 16], trainSize: 32, valSize: 16, digits: [1, 1] };
await using training = await createLoader(data, { split: "train", batchSize: 8, shuffle: true, seed: 1 });
await using validation = await createLoader(data, { split: "val", batchSize: 8 });
const { channels: inputChannels, classes } = training.dataset;
const input = { model: "snn", encoding: "direct", timesteps: 2, device: "cpu" } as const;
using model = createModel({
  ...{ kind: "snn", arch: "dl-vgg9", timesteps: input.timesteps },
  ...{ inputChannels, numClasses: classes.length },
});
using optimizer = new Adam(model.parameters(), { lr: 1e-3 });

for (let epoch = 0; epoch < 2; epoch++) {
  for await (const batch of training.batches(epoch)) {
    const encode = () => encodeInput(batch, input, (n) => n);
    const { loss } = trainStep(batch, { model, optimizer, lossOf, encode, device: input.device });
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}`);
  }
}
const { scores } = await evaluate(model, validation);
console.log(`mean IoU ${scores.meanIoU.toFixed(3)}`);
