"""
A multi-step network in the manner of SpikingJelly: containers that fold time into the batch around layers without
memory, and neurons that loop over time with scripted charge, fire and reset.
"""

import torch
from torch.nn import functional as F

from network import EPS, LEAK, MOMENTUM, Network, Spike


def folded(function, x):
    """A function of [N, ...] on [T, N, ...], all timesteps at once."""
    return function(x.flatten(0, 1)).unflatten(0, x.shape[:2])


@torch.jit.script
def charge(x: torch.Tensor, v: torch.Tensor, leak: float) -> torch.Tensor:
    return leak * v + x


@torch.jit.script
def reset(u: torch.Tensor, spikes: torch.Tensor) -> torch.Tensor:
    return u - spikes.detach()


def neurons(currents):
    v, spikes = torch.zeros_like(currents[0]), []
    for current in currents:
        u = charge(current, v, LEAK)
        spikes.append(Spike.apply(u - 1))
        v = reset(u, spikes[-1])
    return torch.stack(spikes)


class MultiStep(Network):
    def forward(self, frames):
        x = frames
        for layer in self.stages():
            if layer is None:
                x = folded(lambda y: F.avg_pool2d(y, 3, stride=2, padding=1), x)
                continue
            shape = {"padding": layer.dilation, "dilation": layer.dilation}
            currents = folded(lambda y: F.conv2d(y, layer.weight, **shape), x)
            x = neurons(torch.stack([self.norm(layer, t, current) for t, current in enumerate(currents)]))
        scores = folded(lambda y: F.conv2d(y, self.output), x).mean(0)
        return F.interpolate(scores, frames.shape[-2:], mode="bilinear", align_corners=True)

    def norm(self, layer, t, current):
        norm = layer.mean[t], layer.var[t], layer.scale[t]
        return F.batch_norm(current, *norm, None, self.training, MOMENTUM, EPS)
