"""Times a network's inference or training step and prints one JSON object with the names of `snnseg bench`."""

import argparse
import json
import os
import platform
import statistics
import time
from datetime import datetime, timezone

import torch
from torch.nn import functional as F

from network import CLASSES


def main(peer, version, build, reset=lambda network: None):
    """build(timesteps) makes the network; reset(network) forgets its membranes after a pass."""
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = build(options.timesteps)
    frames = encode(torch.randn(options.batch_size, 3, options.img_size, options.img_size), options.timesteps)
    labels = torch.randint(CLASSES, (options.batch_size, options.img_size, options.img_size))
    densities = settle(network, frames, reset)
    work = {"infer": inference, "step": training_step}[options.work](network, (frames, labels), reset)
    measured = measure(work, options.rounds)
    result = {
        "benchmark": options.work,
        "peer": peer,
        "arch": "dl-vgg9",
        "timesteps": options.timesteps,
        "batchSize": options.batch_size,
        "imgSize": [options.img_size, options.img_size],
        "threads": options.threads,
        "rounds": options.rounds,
        **measured,
        "densities": densities,
        "machine": f"{processor()}, {os.cpu_count()} processors",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "version": version,
        "date": datetime.now(timezone.utc).isoformat(),
    }
    print(json.dumps(result))


def arguments():
    parser = argparse.ArgumentParser(description="Spiking DL-VGG9: time of inference or of a training step.")
    parser.add_argument("work", choices=["infer", "step"])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--timesteps", type=int, default=20)
    parser.add_argument("--img-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def encode(images, timesteps):
    """Signed Poisson spikes, [T, N, 3, H, W]."""
    return torch.stack([(torch.rand_like(images) <= images.abs()) * images.sign() for _ in range(timesteps)])


def settle(network, frames, reset):
    """Takes the batch's statistics as the running ones, and tells how often the layers fire."""
    norms = [module for module in network.modules() if hasattr(module, "momentum")]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    network.train()
    network.fired = {}
    with torch.no_grad():
        network(frames)
    reset(network)
    densities = {name: statistics.fmean(shares) for name, shares in network.fired.items()}
    network.fired = None
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    return densities


def inference(network, batch, reset):
    network.eval()

    def work():
        with torch.no_grad():
            network(batch[0])
        reset(network)

    return work


def training_step(network, batch, reset):
    network.train()
    # A rate of 0 is all the work of an update, but every round computes the same.
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0, momentum=0.9, weight_decay=5e-4)

    def work():
        frames, labels = batch
        F.cross_entropy(network(frames), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        reset(network)

    return work


def measure(work, rounds):
    """Medians after one warm-up; peakBytes is the growth of resident memory, where Linux tells it."""
    work()
    samples = []
    for _ in range(rounds):
        before = start_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = None if before is None else status("VmHWM") - before
        samples.append((1000 * wall, 1000 * cpu, peak))
    ms, cpu_ms, peaks = zip(*samples)
    peak = None if None in peaks else statistics.median(peaks)
    return {"ms": statistics.median(ms), "cpuMs": statistics.median(cpu_ms), "peakBytes": peak}


def start_peak():
    """Resets the peak of resident memory; what is resident now, in bytes."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        return status("VmRSS")
    except OSError:
        return None


def status(name):
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(f"{name}:"))
    return 1024 * int(line.split()[1])


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
