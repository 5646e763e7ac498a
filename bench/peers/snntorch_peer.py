"""snnTorch's Leaky neurons, step by step."""

import snntorch
import torch
from torch import nn

from measure import main
from network import LEAK, Spike, SteppedNetwork


class Neurons(nn.Module):
    def __init__(self):
        super().__init__()
        self.leaky = snntorch.Leaky(
            beta=LEAK, threshold=1.0, spike_grad=Spike.apply, reset_mechanism="subtract", init_hidden=False
        )

    def forward(self, current, mem):
        return self.leaky(current, torch.zeros_like(current) if mem is None else mem)


if __name__ == "__main__":
    main("snnTorch", snntorch.__version__, lambda timesteps: SteppedNetwork(timesteps, Neurons))
