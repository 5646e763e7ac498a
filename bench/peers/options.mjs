/** The options of `compare.mjs`. */
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { countList, parseDensities, parseSize } from "../../dist/cli/bench/bench-options.js";
import { positiveInteger } from "../../dist/cli/flags/positive-integer.js";

/** Names that `peer.py` knows. */
const peers = ["plain", "multistep", "folded", "folded-compiled", "folded-bf16", "folded-compiled-bf16"];
const python = fileURLToPath(new URL("../../build/peers/bin/python", import.meta.url));

export function parseOptions() {
  return new Command("compare.mjs")
    .description("Times spiking DL-VGG9 in snnseg and in PyTorch, in turn, a process for each.")
    .option("--python <PATH>", "a Python with PyTorch 2", python)
    .option("--peers <NAME,NAME...>", `of ${peers.join(", ")}; "none" for ours alone`, parsePeers, peers)
    .option("--libtorch <DIR...>", "ours on these libtorch, too, besides that of LIBTORCH", [])
    .option("--density <D,D...>", "spikes per neuron and timestep of ours", parseDensities, [0.25, 0.1, 0.05])
    .option("--threads <N,N...>", "threads", countList(1), [1, 2])
    .addOption(new Option("--work <NAME>", "one of both").choices(["infer", "step"]))
    .option("--batch-size <N>", "images at a time", positiveInteger, 4)
    .option("--timesteps <N>", "timesteps", positiveInteger, 20)
    .option("--img-size <HxW>", "size of the images", parseSize, [64, 64])
    .option("--rounds <N>", "rounds of which the medians are taken, after one warm-up", positiveInteger, 3)
    .option(
      "--check",
      "time nothing; hold scores, loss and gradients of the peers to ours, on a tiny setting",
    )
    .option("--json", "one JSON object on standard output, words on standard error")
    .parse()
    .opts();
}

function parsePeers(words) {
  const names = words === "none" ? [] : words.split(",");
  if (names.every((name) => peers.includes(name))) return names;
  throw new InvalidArgumentError(`Expected names of ${peers.join(", ")}, or none.`);
}
