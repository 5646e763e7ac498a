"""SpikingJelly in multi-step mode: convolutions see time folded into the batch, neurons run over all timesteps."""

from importlib.metadata import version

import torch
from spikingjelly.activation_based import functional, layer, neuron
from torch import nn
from torch.nn import functional as F

from measure import main
from network import LAYERS, LEAK, Spike, convolutions


class Surrogate(nn.Module):
    def forward(self, x):
        return Spike.apply(x)


def neurons():
    # Without v_reset the reset is soft; without decay_input the current is not divided by tau.
    return neuron.LIFNode(
        tau=1 / (1 - LEAK),
        decay_input=False,
        v_threshold=1.0,
        v_reset=None,
        surrogate_function=Surrogate(),
        detach_reset=True,
        step_mode="m",
    )


class MultiStepNetwork(nn.Module):
    def __init__(self, timesteps):
        super().__init__()
        self.hidden, self.norms, self.output = convolutions(timesteps, conv=layer.Conv2d)
        self.neurons = nn.ModuleList(neurons() for _ in self.hidden)
        self.pool = layer.AvgPool2d(3, stride=2, padding=1, step_mode="m")
        functional.set_step_mode(self.hidden, "m")
        self.fired = None

    def forward(self, frames):
        """Frames [T, N, 3, H, W] to scores [N, CLASSES, H, W]."""
        x, index = frames, 0
        for stage in LAYERS:
            if stage == "pool":
                x = self.pool(x)
                continue
            current = self.hidden[index](x)
            normalized = torch.stack([self.norms[index](step, t) for t, step in enumerate(current)])
            x = self.neurons[index](normalized)
            if self.fired is not None:
                self.fired[f"layer {index}"] = [x.mean().item()]
            index += 1
        scores = self.output(x.mean(0))
        return F.interpolate(scores, frames.shape[-2:], mode="bilinear", align_corners=True)


if __name__ == "__main__":
    main("SpikingJelly", version("spikingjelly"), MultiStepNetwork, functional.reset_net)
