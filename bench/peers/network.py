"""What all peers share: the layers of Spiking DL-VGG9, its weights, and the constants of its neurons and norms."""

import json

import torch
from torch import nn

# Convolutions (name, channels, dilation) 3x3 whose padding keeps the size; "pool" is 3x3, stride 2, padding 1.
LAYERS = [
    ("features.0", 64, 1),
    ("features.1", 64, 1),
    "pool",
    ("features.2", 128, 1),
    ("features.3", 128, 1),
    "pool",
    ("features.4", 256, 1),
    ("features.5", 256, 2),
    ("features.6", 256, 2),
    ("classifier.0", 1024, 12),
]
CLASSES = 21
LEAK = 0.99
MOMENTUM = 0.1
EPS = 1e-4


class Layer(nn.Module):
    """A convolution's weights, and batch norm through time: a scale and statistics of its own for every timestep, no shift."""

    def __init__(self, timesteps, inputs, channels, dilation):
        super().__init__()
        self.dilation = dilation
        self.weight = nn.Parameter(torch.empty(channels, inputs, 3, 3))
        self.scale = nn.Parameter(torch.ones(timesteps, channels))
        self.register_buffer("mean", torch.zeros(timesteps, channels))
        self.register_buffer("var", torch.ones(timesteps, channels))


class Network(nn.Module):
    """Weights and statistics; a peer says in `forward` how frames [T, N, 3, H, W] become scores [N, CLASSES, H, W]."""

    def __init__(self, timesteps):
        super().__init__()
        self.layers, inputs = nn.ModuleList(), 3
        for layer in LAYERS:
            if layer != "pool":
                _, channels, dilation = layer
                self.layers.append(Layer(timesteps, inputs, channels, dilation))
                inputs = channels
        self.output = nn.Parameter(torch.empty(CLASSES, inputs, 1, 1))

    def stages(self):
        """Layers in order, None where a pool stands."""
        layers = iter(self.layers)
        return [None if layer == "pool" else next(layers) for layer in LAYERS]

    @torch.no_grad()
    def load(self, tensors):
        """Takes weights and statistics by the names of snnseg's checkpoints."""
        for name, own in self.named(with_buffers=True).items():
            own.copy_(tensors[name])

    def named(self, with_buffers=False):
        """Parameters, and statistics if asked for, by the names of snnseg's checkpoints."""
        names = [layer[0] for layer in LAYERS if layer != "pool"]
        named = {"classifier.1.weight": self.output}
        for name, layer in zip(names, self.layers):
            norm = f"bn_{name}"
            named |= {f"{name}.weight": layer.weight, f"{norm}.weight": layer.scale}
            if with_buffers:
                named |= {f"{norm}.running_mean": layer.mean, f"{norm}.running_var": layer.var}
        return named


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


def read_safetensors(path):
    """Tensors by name: 8 bytes of the header's length, the header in JSON, the data."""
    types = {"F32": torch.float32, "U8": torch.uint8}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(data[start:end], dtype=types[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors
