/** Turns an ANN into a spiking network of 32 timesteps and compares what the two say about the same pictures. */
import { convertToSnn, createModel, noGrad, scope, setThreads } from "snnseg";
import { argmax, rand } from "snnseg/ops";

setThreads();
using ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 4 }, { seed: 2 });
using images = rand([2, 3, 16, 16], 1);
scope("statistics", () => {
  // A trained ANN comes with batch norm's running statistics; here a few passes make them.
  for (let pass = 0; pass < 40; pass++) scope("pass", () => void ann.forward(images));
});
ann.setTraining(false);

using snn = convertToSnn(ann, images, { method: "initial", type: "channel", timesteps: 32 });
console.log("layers with thresholds:", [...snn.spikingLayers().keys()].join(", "));

scope("compare", () =>
  noGrad(() => {
    const theirs = argmax(ann.forward(images).logits, 1).toArray();
    const ours = argmax(snn.forward(images).logits, 1).toArray();
    const equal = [...ours].filter((label, i) => label === theirs[i]).length;
    console.log(`the spiking network agrees with the ANN on ${equal} of ${ours.length} pixels`);
  }),
);
