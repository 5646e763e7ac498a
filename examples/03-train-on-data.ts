/** Trains on a data set through the loader, then scores the validation split: what the train command does, in short. */
import {
  ConfusionMatrix,
  createLoader,
  createModel,
  type DatasetSpec,
  noGrad,
  scope,
  scoresOf,
  setThreads,
  tensorFrom,
} from "snnseg";
import { Adam } from "snnseg/nn";
import { argmax, crossEntropy, toDType } from "snnseg/ops";

setThreads();
const data: DatasetSpec = { name: "digits", imgSize: [24, 24], trainSize: 64, valSize: 16, digits: [1, 1] };
await using training = await createLoader(data, { split: "train", batchSize: 16, shuffle: true, seed: 1 });
await using validation = await createLoader(data, { split: "val", batchSize: 16 });
const classes = training.dataset.classes.length;
using model = createModel({
  kind: "snn",
  arch: "dl-vgg9",
  inputChannels: training.dataset.channels,
  numClasses: classes,
  timesteps: 2,
});
using optimizer = new Adam(model.parameters(), { lr: 1e-3 });

for (let epoch = 0; epoch < 2; epoch++) {
  let sum = 0;
  for await (const batch of training.batches(epoch)) {
    sum += scope("train step", () => {
      // Images [N, C, H, W] are fed at every timestep (direct coding).
      const { logits } = model.forward(tensorFrom(batch.images, batch.shape));
      const labels = toDType(tensorFrom(batch.labels, batch.labelShape), "int64");
      const loss = crossEntropy(logits, labels, 255);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  }
  console.log(`epoch ${epoch + 1}: mean loss ${(sum / training.batchCount).toFixed(3)}`);
}

model.setTraining(false);
const matrix = new ConfusionMatrix(classes);
for await (const batch of validation.batches(0)) {
  scope("evaluate", () =>
    noGrad(() => {
      const { logits } = model.forward(tensorFrom(batch.images, batch.shape));
      matrix.add(batch.labels, toDType(argmax(logits, 1), "uint8").toArray() as Uint8Array);
    }),
  );
}
const { pixelAccuracy, meanIoU } = scoresOf(matrix);
console.log(`pixel accuracy ${pixelAccuracy.toFixed(3)}, mean IoU ${meanIoU.toFixed(3)}`);
