"""
Holds peers, by their names, to what snnseg computed in float32 from the same weights and input, in the file that `ours.mjs`
wrote: scores, loss, gradients and new running statistics. Exits with 1 where one differs.

Neurons at the threshold may fall to the other side when sums have another order, so the setting must be small.
"""

import json
import sys

import torch
from torch.nn import functional as F

from network import read_safetensors
from peer import build

TOLERANCE = 1e-3
MIN_COSINE = 0.999


def differences(peer, tensors):
    """Of scores and loss and statistics: relative to the largest; of gradients: the smallest cosine."""
    network = build(peer, tensors)
    network.eval()
    with torch.no_grad():
        scores = network(tensors["frames"])
    network.train()
    loss = F.cross_entropy(network(tensors["frames"]), tensors["labels"].long())
    loss.backward()
    parameters = network.named()
    state = network.named(with_buffers=True)
    cosines = [
        F.cosine_similarity(parameter.grad.flatten(), tensors[f"gradient.{name}"].flatten(), dim=0).item()
        for name, parameter in parameters.items()
    ]
    statistics = [relative(state[name], tensors[f"after.{name}"]) for name in state.keys() - parameters.keys()]
    return {
        "scores": relative(scores, tensors["scores"]),
        "loss": relative(loss, tensors["loss"][0]),
        "statistics": max(statistics),
        "cosine": min(cosines),
    }


def relative(ours, expected):
    return ((ours - expected).abs().max() / expected.abs().max()).item()


def main(path, peers):
    tensors, failed = read_safetensors(path), False
    for peer in peers:
        found = differences(peer, tensors)
        same = found["cosine"] >= MIN_COSINE and all(found[key] <= TOLERANCE for key in ("scores", "loss", "statistics"))
        failed |= not same
        print(json.dumps({"peer": peer, "same": same, **found}), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
