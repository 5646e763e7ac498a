/** A layer of leaky integrate-and-fire neurons over ten timesteps, and the gradient that flows back through it. */
import { scope } from "snnseg";
import { lifSequence } from "snnseg/neurons";
import { full, mul, ones, sum } from "snnseg/ops";

scope("example", () => {
  // A constant current of 0.3 into one neuron with threshold 1: it charges, fires, and is reset.
  const current = mul(ones([10, 1, 1, 1, 1]), 0.3).setRequiresGrad(true); // [T, N, C, H, W]
  const { spikes, membrane } = lifSequence(current, {
    leak: 0.95,
    threshold: full([1], 1),
    reset: "soft",
    surrogate: "linear",
    imbalance: 0,
  });
  console.log("spikes  ", [...spikes.toFloat32Array()].join(" "));
  console.log("membrane", membrane.item().toFixed(3));

  sum(spikes).backward();
  const gradient = current.grad!.toFloat32Array();
  console.log("gradient", [...gradient].map((value) => value.toFixed(2)).join(" "));
});
