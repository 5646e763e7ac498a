"""
The strongest way in PyTorch that we know: time folded into the batch for all that has no memory, channels last, norm and
neurons of a layer as few operators as they can be, by hand or by the compiler, convolutions in bfloat16 if asked for.
"""

import torch
from torch.nn import functional as F

from network import EPS, LEAK, MOMENTUM, Network


class NormNeurons(torch.autograd.Function):
    """
    Currents [T, N, C, H, W] through batch norm through time and all timesteps of the neurons:
    u[t] = LEAK v[t-1] + i[t], s[t] = [u[t] > 1], v[t] = u[t] - s[t], without a gradient of the reset.
    """

    @staticmethod
    def forward(context, currents, scale, mean, var, training):
        potentials, spikes = torch.empty_like(currents), torch.empty_like(currents)
        v, saved = torch.zeros_like(currents[0]), []
        for t, current in enumerate(currents):
            norm = scale[t], None, mean[t], var[t], training, MOMENTUM, EPS
            normalized, *statistics = torch.native_batch_norm(current, *norm)
            saved.append(statistics)
            u = torch.add(normalized, v, alpha=LEAK, out=potentials[t])
            v = torch.sub(u, torch.gt(u, 1, out=spikes[t]), out=v)
        context.save_for_backward(currents, potentials, scale, mean, var)
        context.statistics, context.training = saved, training
        return spikes

    @staticmethod
    def backward(context, gradient):
        currents, potentials, scale, mean, var = context.saved_tensors
        # The derivative 0.3 max(0, 1 - |u - 1|), all timesteps at once.
        result = potentials.sub_(1).abs_().neg_().add_(1).clamp_(min=0).mul_(0.3).mul_(gradient)
        scales = torch.empty_like(scale)
        for t in reversed(range(len(result))):
            if t > 0:
                result[t - 1].add_(result[t], alpha=LEAK)
            norm = scale[t], mean[t], var[t], *context.statistics[t], context.training, EPS, (True, True, False)
            normal, scales[t], _ = torch.ops.aten.native_batch_norm_backward(result[t], currents[t], *norm)
            result[t].copy_(normal)
        return result, scales, None, None, None


def norm_neurons(currents, scale, mean, var, training):
    """The same in terms that the compiler fuses."""
    axes, shape = (1, 3, 4), (len(currents), 1, -1, 1, 1)
    if training:
        now, center = torch.var_mean(currents, axes, correction=0)
        count = currents[0].numel() // currents.shape[2]
        with torch.no_grad():
            mean.lerp_(center, MOMENTUM)
            var.lerp_(now * (count / (count - 1)), MOMENTUM)
    else:
        now, center = var, mean
    factor = scale * torch.rsqrt(now + EPS)
    normalized = (currents - center.view(shape)) * factor.view(shape)
    v, spikes = torch.zeros_like(normalized[0]), []
    for current in normalized.unbind(0):
        u = LEAK * v + current
        x = u.detach() - 1
        fired = (x > 0).to(u.dtype)
        # The value of `fired`, the derivative of the hat.
        hat = 0.3 * torch.clamp(1 - x.abs(), min=0)
        spikes.append(fired + hat * (u - u.detach()))
        v = u - fired
    return torch.stack(spikes)


class Folded(Network):
    def __init__(self, timesteps, compiled=False, bf16=False):
        super().__init__(timesteps)
        self.dtype = torch.bfloat16 if bf16 else torch.float32
        self.neurons = torch.compile(norm_neurons, dynamic=False) if compiled else NormNeurons.apply

    def forward(self, frames):
        times, x = frames.shape[:2], frames.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", self.dtype, enabled=self.dtype == torch.bfloat16):
            for layer in self.stages():
                if layer is None:
                    x = F.avg_pool2d(x, 3, stride=2, padding=1)
                    continue
                x = F.conv2d(x, layer.weight, padding=layer.dilation, dilation=layer.dilation)
                currents = x.float().unflatten(0, times)
                x = self.neurons(currents, layer.scale, layer.mean, layer.var, self.training).flatten(0, 1)
            scores = F.conv2d(x, self.output).float().unflatten(0, times).mean(0)
        return F.interpolate(scores, frames.shape[-2:], mode="bilinear", align_corners=True)
