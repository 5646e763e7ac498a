/** A trained network's masks lie on the pictures that it answers, though it sees them at an eighth of their size. */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { put, temporaryFolder } from "../src/datasets/fixtures/trees.js";
import { fitPicture, openDataset } from "../src/datasets/index.js";
import { crossEntropy, noGrad, relu, scope, type Tensor, tensorFrom, toDType } from "../src/engine/index.js";
import { encodeMaskPng, encodePicturePng, type LabelPixel, readPicture } from "../src/images/index.js";
import { Adam, Conv2d, type ConvSettings, Module } from "../src/nn/index.js";
import { enlargedLabels } from "../src/training/index.js";

const side = 256;
const imgSize = [32, 32] as const;
const preprocessing = "unit";
const steps = 250;
/** Two places for each of the eight that an edge has in a network's pixel. */
const count = 64;
const root = temporaryFolder();

/** Half dark, half bright, the edge at every place, in both directions and both orders. */
const exampleOf = (n: number) => ({
  edge: 120 + (n >> 2),
  across: n % 2 === 0,
  brightFirst: (n >> 1) % 2 === 1,
});

beforeAll(() => {
  const lines: string[] = [];
  for (let n = 0; n < count; n++) {
    const { edge, across, brightFirst } = exampleOf(n);
    const ids = Uint8Array.from({ length: side * side }, (_, i) => {
      const place = across ? i % side : Math.floor(i / side);
      return Number(place >= edge !== brightFirst);
    });
    const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => (ids[Math.floor(i / 3)] ? 210 : 40));
    put(join(root, `images/${n}.png`), encodePicturePng({ height: side, width: side, data }));
    put(join(root, `masks/${n}.png`), encodeMaskPng({ height: side, width: side, data: ids }));
    lines.push(`images/${n}.png masks/${n}.png\n`);
  }
  put(join(root, "train.txt"), lines.join(""));
  put(join(root, "dataset.json"), JSON.stringify({ classes: ["dark", "bright"] }));
});

/** Two convolutions, which see a pixel and its neighbours. */
class ToyNetwork extends Module {
  readonly #hidden = this.child("hidden", conv({ inputs: 3, outputs: 12, kernelSize: 3, seed: 1 }));
  readonly #output = this.child("output", conv({ inputs: 12, outputs: 2, kernelSize: 1, seed: 2 }));

  forward(x: Tensor): Tensor {
    return this.#output.forward(relu(this.#hidden.forward(x)));
  }
}

function conv(settings: Pick<ConvSettings, "inputs" | "outputs" | "kernelSize" | "seed">): Conv2d {
  return new Conv2d({ ...settings, bias: true, init: "kaiming", device: "cpu" });
}

async function trainedNetwork(labelPixel: LabelPixel): Promise<ToyNetwork> {
  const spec = { name: "folder", root, imgSize, preprocessing, labelPixel } as const;
  const dataset = await openDataset(spec, "train");
  const examples = await Promise.all(
    Array.from({ length: count }, (_, n) => dataset.read(n, { seed: 0, epoch: 0 })),
  );
  const images = Float32Array.from(examples.flatMap(({ image }) => [...image]));
  const labels = Uint8Array.from(examples.flatMap(({ label }) => [...label]));
  const network = new ToyNetwork();
  using optimizer = new Adam(network.parameters(), { lr: 0.03 });
  for (let step = 0; step < steps; step++) {
    scope("step", () => {
      const logits = network.forward(tensorFrom(images, [count, 3, ...imgSize]));
      const target = toDType(tensorFrom(labels, [count, ...imgSize]), "int64");
      crossEntropy(logits, target, 255).backward();
      optimizer.step();
      optimizer.zeroGrad();
    });
  }
  return network;
}

/** Mean over all pictures of how far the predicted edges lie behind the true ones, in pixels of the pictures. */
async function meanShift(network: ToyNetwork, labelPixel: LabelPixel): Promise<number> {
  let sum = 0;
  for (let n = 0; n < count; n++) {
    const { edge, brightFirst } = exampleOf(n);
    const image = await readPicture(join(root, `images/${n}.png`));
    const { input, region } = fitPicture(image, { size: imgSize, preprocessing });
    const { data } = scope("predict", () =>
      noGrad(() => {
        const logits = network.forward(tensorFrom(input, [1, 3, ...imgSize]));
        return enlargedLabels(logits, { size: [side, side], region, labelPixel });
      }),
    );
    // Padding darkens what the convolution sees at the border, so only the middle tells where the edge is.
    let first = 0;
    for (let y = 16; y < side - 16; y++) {
      for (let x = 16; x < side - 16; x++) first += Number((data[y * side + x] === 1) === brightFirst);
    }
    sum += first / (side - 32) + 16 - edge;
  }
  return sum / count;
}

describe("masks of a trained network at an eighth of the pictures' size", () => {
  it("lie on the pictures", async () => {
    using network = await trainedNetwork("centre");
    expect(Math.abs(await meanShift(network, "centre"))).toBeLessThan(0.5);
  });

  it("are shifted back where the paper's labels were learnt, which lie 3.5 pixels off", async () => {
    using network = await trainedNetwork("corner");
    expect(Math.abs(await meanShift(network, "corner"))).toBeLessThan(0.5);
    expect(await meanShift(network, "centre")).toBeGreaterThan(3);
  });
});
