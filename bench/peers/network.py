"""What all peers share: the layers of Spiking DL-VGG9, batch norm through time, and the network step by step."""

import torch
from torch import nn
from torch.nn import functional as F

# Convolutions (channels, dilation) 3x3 whose padding keeps the size; "pool" is 3x3, stride 2, padding 1.
LAYERS = [(64, 1), (64, 1), "pool", (128, 1), (128, 1), "pool", (256, 1), (256, 2), (256, 2), (1024, 12)]
CLASSES = 21
LEAK = 0.99


class Spike(torch.autograd.Function):
    """s = [x > 0] with the derivative 0.3 max(0, 1 - |x|)."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return (x > 0).to(x.dtype)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * 0.3 * torch.clamp(1 - x.abs(), min=0)


class TemporalNorm(nn.Module):
    """Batch norm with a scale and statistics of its own for every timestep, and no shift."""

    def __init__(self, timesteps, channels):
        super().__init__()
        self.momentum = 0.1
        self.weight = nn.Parameter(torch.ones(timesteps, channels))
        self.register_buffer("mean", torch.zeros(timesteps, channels))
        self.register_buffer("var", torch.ones(timesteps, channels))

    def forward(self, x, t):
        weight, mean, var = self.weight[t], self.mean[t], self.var[t]
        return F.batch_norm(x, mean, var, weight, None, self.training, self.momentum, 1e-4)


def convolutions(timesteps, conv=nn.Conv2d):
    """Hidden convolutions with their norms, in the order of LAYERS, and the output convolution."""
    hidden, norms, inputs = nn.ModuleList(), nn.ModuleList(), 3
    for layer in LAYERS:
        if layer == "pool":
            continue
        channels, dilation = layer
        hidden.append(conv(inputs, channels, 3, padding=dilation, dilation=dilation, bias=False))
        norms.append(TemporalNorm(timesteps, channels))
        inputs = channels
    output = nn.Conv2d(inputs, CLASSES, 1, bias=False)
    for module in [*hidden, output]:
        nn.init.xavier_uniform_(module.weight, gain=2)
    return hidden, norms, output


class SteppedNetwork(nn.Module):
    """One timestep after another.

    neuron() makes a layer's neurons: a module from a current and its state (None at first) to spikes and state.
    """

    def __init__(self, timesteps, neuron):
        super().__init__()
        self.hidden, self.norms, self.output = convolutions(timesteps)
        self.neurons = nn.ModuleList(neuron() for _ in self.hidden)
        self.fired = None

    def forward(self, frames):
        """Frames [T, N, 3, H, W] to scores [N, CLASSES, H, W]."""
        states, total = [None] * len(self.hidden), 0
        for t, x in enumerate(frames):
            index = 0
            for layer in LAYERS:
                if layer == "pool":
                    x = F.avg_pool2d(x, 3, stride=2, padding=1)
                    continue
                current = self.norms[index](self.hidden[index](x), t)
                x, states[index] = self.neurons[index](current, states[index])
                if self.fired is not None:
                    self.fired.setdefault(f"layer {index}", []).append(x.mean().item())
                index += 1
            total = total + self.output(x)
        return F.interpolate(total / len(frames), frames.shape[-2:], mode="bilinear", align_corners=True)
