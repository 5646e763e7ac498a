"""Plain PyTorch, one timestep after another: the reference's way."""

import torch
from torch.nn import functional as F

from network import EPS, LEAK, MOMENTUM, Network, Spike


class Plain(Network):
    def forward(self, frames):
        membranes, total = {}, 0
        for t, x in enumerate(frames):
            for index, layer in enumerate(self.stages()):
                if layer is None:
                    x = F.avg_pool2d(x, 3, stride=2, padding=1)
                    continue
                x = F.conv2d(x, layer.weight, padding=layer.dilation, dilation=layer.dilation)
                norm = layer.mean[t], layer.var[t], layer.scale[t]
                x = F.batch_norm(x, *norm, None, self.training, MOMENTUM, EPS)
                u = LEAK * membranes.get(index, torch.zeros_like(x)) + x
                x = Spike.apply(u - 1)
                membranes[index] = u - x.detach()
            total = total + F.conv2d(x, self.output)
        return F.interpolate(total / len(frames), frames.shape[-2:], mode="bilinear", align_corners=True)
