"""
One peer as a process that works when it is told to. The argument is a JSON object: `peer`, `tensors` (the file that
`ours.mjs` wrote), `threads`. Prints a line about itself; then reads lines, "infer" or "step", and answers each
with a line of wall and processor milliseconds and, in bytes, how far memory at the peak was above the set-up's.
"""

import json
import platform
import sys
import time

import torch
from torch.nn import functional as F

from folded import Folded
from multistep import MultiStep
from network import read_safetensors
from plain import Plain
from resident import memory, reset_peak

PEERS = {
    "plain": Plain,
    "multistep": MultiStep,
    "folded": Folded,
    "folded-compiled": lambda timesteps: Folded(timesteps, compiled=True),
    "folded-bf16": lambda timesteps: Folded(timesteps, bf16=True),
    "folded-compiled-bf16": lambda timesteps: Folded(timesteps, compiled=True, bf16=True),
}


def build(peer, tensors):
    network = PEERS[peer](len(tensors["frames"]))
    network.load(tensors)
    return network.to(memory_format=torch.channels_last) if isinstance(network, Folded) else network


def ways(network, frames, labels):
    # A rate of 0 is all the work of an update, but every round computes the same.
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0, momentum=0.9, weight_decay=5e-4)

    def infer():
        network.eval()
        with torch.no_grad():
            network(frames)

    def step():
        network.train()
        F.cross_entropy(network(frames), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return {"infer": infer, "step": step}


def compile_all(network, frames):
    """The compiler's own memory belongs to the set-up."""
    network.eval()
    with torch.no_grad():
        network(frames)
    network.train()
    network(frames).sum().backward()
    network.zero_grad(set_to_none=True)


def measure(work, initial):
    reset_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = None if initial is None else memory("VmHWM") - memory("RssFile") - initial
    return {"ms": 1000 * wall, "cpuMs": 1000 * cpu, "peakBytes": peak}


def main(options):
    torch.set_num_threads(options["threads"])
    capability = torch.backends.cpu.get_cpu_capability()
    about = {"torch": torch.__version__, "python": platform.python_version(), "capability": capability}
    # Without AVX-512, PyTorch's bfloat16 convolutions take 9 to 100 times as long as float32.
    if "bf16" in options["peer"] and not capability.startswith("AVX512"):
        print(json.dumps({**about, "skipped": f"PyTorch has no fast bfloat16 for {capability}"}), flush=True)
        return
    tensors = read_safetensors(options["tensors"])
    network = build(options["peer"], tensors)
    works = ways(network, tensors["frames"], tensors["labels"].long())
    if "compiled" in options["peer"]:
        compile_all(network, tensors["frames"])
    initial = memory("RssAnon") if reset_peak() else None
    print(json.dumps({**about, "ways": [{"work": work} for work in works]}), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(works[line.strip()], initial)), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
