/**
 * A neuron of your own with a surrogate of your own: a leak that every layer learns, and the arctangent's slope for the
 * spike's derivative. Only `charge` is written; firing, reset, batch norm through time and streams come along.
 */
import { createModel, scope, setThreads, tensorFrom } from "snnseg";
import { fusionObstacle } from "snnseg/kernels";
import type { Neuron, SurrogateFunction } from "snnseg/neurons";
import { Adam } from "snnseg/nn";
import { add, crossEntropy, div, mul, rand } from "snnseg/ops";

setThreads();
/** u = λ·v + i with λ learnt (parametric LIF: Fang et al. 2021, arXiv:2007.05785). */
const neuron: Neuron = {
  name: "learnt-leak",
  learnt: { lambda: 0.9 },
  charge: (v, current, { learnt }) => add(mul(v, learnt.lambda ?? 1), current),
};
/** 1 / (1 + (π·x)²), x = u/ϑ − 1. */
const surrogate: SurrogateFunction = {
  name: "arctangent",
  slope: (x) => div(1, add(mul(mul(x, x), Math.PI ** 2), 1)),
};

using model = createModel({
  ...{ kind: "snn", arch: "dl-vgg9", inputChannels: 2, numClasses: 3 },
  ...{ timesteps: 3, neuron, surrogate },
});
console.log("not for the fused kernels:", fusionObstacle(model));
using optimizer = new Adam(model.parameters(), { lr: 2e-3 });
using frames = rand([3, 1, 2, 16, 16], 1); // [T, N, C, H, W]
const truth = BigInt64Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 1n : 2n));
using labels = tensorFrom(truth, [1, 16, 16]);

for (let step = 1; step <= 10; step++) {
  const loss = scope("train step", () => {
    const error = crossEntropy(model.forward(frames).logits, labels, 255);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (step % 5 === 0) console.log(`step ${step}: loss ${loss.toFixed(4)}`);
}
const leaks = [...model.parameters()].filter(([name]) => name.endsWith(".lambda"));
console.log("learnt leaks:", leaks.map(([, leak]) => leak.item().toFixed(3)).join(" "));
