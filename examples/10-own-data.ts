/** A data set of one's own: `defineDataset` takes one function, and the loader batches, shuffles and augments. */
import { createLoader, createModel, defineDataset, noGrad, scope, tensorFrom } from "snnseg";
import { Adam } from "snnseg/nn";
import { argmax, crossEntropy, toDType } from "snnseg/ops";

const side = 24;

/** A bright disc on dark ground. Its place follows from the number: the same number is always the same picture. */
function drawDisc(index: number) {
  const [cx, cy, radius] = [6 + ((index * 5) % 12), 6 + ((index * 7) % 12), 4 + (index % 3)];
  const label = Uint8Array.from({ length: side * side }, (_, i) => {
    return Math.hypot((i % side) - cx, Math.floor(i / side) - cy) < radius ? 1 : 0;
  });
  // Red, green and blue, 0 … 255: [3, H, W]
  const image = Float32Array.from({ length: 3 * side * side }, (_, i) =>
    label[i % label.length] ? 220 : 40,
  );
  return { image, label };
}

const shape = { classes: ["ground", "disc"], size: [side, side] } as const;
const training = defineDataset({ ...shape, length: 48, read: drawDisc });
const validation = defineDataset({ ...shape, length: 16, read: (index) => drawDisc(48 + index) });
const augment = { kind: "geometric" } as const;
await using batches = await createLoader(training, { batchSize: 8, shuffle: true, augment });
await using unseen = await createLoader(validation, { batchSize: 16 });

const sizes = { inputChannels: 3, numClasses: 2, timesteps: 2 };
using model = createModel({ ...sizes, kind: "snn", arch: "dwnet" });
using optimizer = new Adam(model.parameters(), { lr: 2e-3 });
for (let epoch = 0; epoch < 3; epoch++) {
  for await (const { images, shape, labels, labelShape } of batches.batches(epoch)) {
    scope("train step", () => {
      const { logits } = model.forward(tensorFrom(images, shape));
      optimizer.zeroGrad();
      crossEntropy(logits, toDType(tensorFrom(labels, labelShape), "int64"), 255).backward();
      optimizer.step();
    });
  }
}
model.setTraining(false);
for await (const { images, shape, labels } of unseen.batches(0)) {
  const found = scope("predict", () =>
    noGrad(() => argmax(model.forward(tensorFrom(images, shape)).logits, 1).toNumbers()),
  );
  const right = found.filter((label, i) => label === labels[i]).length / labels.length;
  console.log(`${(100 * right).toFixed(1)} % of the pixels of ${validation.length} unseen discs`);
}
