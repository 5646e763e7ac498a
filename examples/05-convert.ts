/** Turns an ANN into a spiking network of 32 timesteps and compares what the two say about the same pictures. */
import { convertToSnn, createModel, modelDefaults, noGrad, scope, setThreads } from "snnseg";
import { directFrames } from "snnseg/models";
import { readState } from "snnseg/nn";
import { argmax, rand } from "snnseg/ops";

setThreads();
const config = {
  ...modelDefaults,
  kind: "ann",
  arch: "dl-vgg9",
  inputChannels: 3,
  numClasses: 4,
} as const;
using ann = createModel(config, { seed: 2 });
using images = rand([2, 3, 16, 16], 1);
scope("statistics", () => {
  // A trained ANN comes with batch norm's running statistics; here a few passes make them.
  for (let pass = 0; pass < 40; pass++) scope("pass", () => void ann.forward(images));
});
ann.setTraining(false);

const frames = directFrames(images);
const { model: snn, found } = convertToSnn({ config, state: readState(ann) }, [{ images, frames }], {
  method: "initial",
  type: "channel",
  timesteps: 32,
});
console.log("layers with thresholds:", [...found.keys()].join(", "));
snn.setTraining(false);

scope("compare", () =>
  noGrad(() => {
    const theirs = argmax(ann.forward(images).logits, 1).toArray();
    const ours = argmax(snn.forward(images).logits, 1).toArray();
    const equal = [...ours].filter((label, i) => label === theirs[i]).length;
    console.log(`the spiking network agrees with the ANN on ${equal} of ${ours.length} pixels`);
  }),
);
snn.dispose();
