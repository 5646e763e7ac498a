"""Plain PyTorch, step by step: the reference's way."""

import torch
from torch import nn

from measure import main
from network import LEAK, Spike, SteppedNetwork


class Neurons(nn.Module):
    def forward(self, current, v):
        u = current if v is None else LEAK * v + current
        spikes = Spike.apply(u - 1)
        return spikes, u - spikes.detach()


if __name__ == "__main__":
    main("PyTorch", torch.__version__, lambda timesteps: SteppedNetwork(timesteps, Neurons))
