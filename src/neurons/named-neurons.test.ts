/** Neurons by their names: their equations in plain numbers, and fused and plain path alike. */
import { describe, expect, it } from "vitest";
import { difference } from "../../tests/lif-comparison.js";
import { GRADIENT_TOLERANCE } from "../../tests/tolerances.js";
import { add, mul, randn, scope, sum } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  integerNeurons,
  lifDefaults,
  NeuronLayer,
  type NeuronName,
  namedNeuron,
  neuronNames,
  SharedNorm,
} from "./index.js";

const shape = [5, 2, 3, 4, 4];
const settings = { leak: 0.8, levels: 3 };
const currents = () => mul(add(randn(shape, 1), 0.4), 1.2);

function layerOf(name: NeuronName, more: { learnsThreshold?: boolean; threshold?: number } = {}) {
  const neuron = namedNeuron(name, settings);
  const { threshold = 0.75, learnsThreshold = false } = more;
  return new NeuronLayer(
    { ...lifDefaults, leak: settings.leak, neuron, threshold, learnsThreshold, device: "cpu" },
    undefined,
  );
}

describe.each(neuronNames)("%s", (name) => {
  const isInteger = integerNeurons.some((other) => other === name);

  it("follows its equation", () => {
    scope("test", () => {
      using layer = layerOf(name);
      const input = currents();
      const { spikes, counts } = layer.forward(input, { firstStep: 0, normalizedSteps: 0, plain: false });
      const [steps = 0] = shape;
      const size = input.numel / steps;
      const values = input.toFloat32Array();
      const v = new Float32Array(size);
      const worth = { lif: 1, plif: 1, integer: 0.75, "i-lif": 1, "ni-lif": 1 / 3 }[name];
      const k = values.map((i, index) => {
        const c = index % size;
        const u = Math.fround(Math.fround(0.8 * v[c]!) + i);
        const ratio = u / 0.75;
        const fired = isInteger ? Math.floor(Math.min(3, Math.max(0, ratio)) + 0.5) : Number(ratio > 1);
        v[c] = u - 0.75 * fired;
        return fired;
      });
      const found = spikes.toFloat32Array();
      // A membrane at a threshold may round to either side.
      const wrong = found.filter((s, i) => Math.abs(s - worth * k[i]!) > 1e-5).length;
      expect(wrong).toBeLessThan(3);
      const total = k.reduce((a, b) => a + b, 0);
      expect(Math.abs(counts.toNumbers().reduce((a, b) => a + b, 0) - total)).toBeLessThan(3);
      expect(new Set(k).size).toBe(isInteger ? 4 : 2);
    });
  });

  it.each([false, true])(
    "is the same fused and plain, with its gradients; learnt thresholds: %s",
    (learns) => {
      scope("test", () => {
        const computed = (plain: boolean) => {
          using layer = layerOf(name, { learnsThreshold: learns });
          const input = currents().setRequiresGrad(true);
          const { spikes } = layer.forward(input, { firstStep: 0, normalizedSteps: 0, plain });
          sum(mul(spikes, randn(shape, 2))).backward();
          const gradients = [...layer.parameters()].map(([key, x]) => [key, add(x.grad!, 0)] as const);
          return { spikes, gradient: input.grad!, gradients };
        };
        const [fused, plain] = [computed(false), computed(true)];
        expect(difference(fused.spikes, plain.spikes)).toBe(0);
        expect(difference(fused.gradient, plain.gradient)).toBeLessThan(10 * GRADIENT_TOLERANCE);
        expect(fused.gradients.map(([key]) => key)).toEqual([
          ...(learns ? ["threshold"] : []),
          ...(name === "plif" ? ["w"] : []),
        ]);
        for (const [i, [key, gradient]] of fused.gradients.entries()) {
          expect(Math.abs(gradient.item()), key).toBeGreaterThan(0.01);
          expect(gradient.item(), key).toBeCloseTo(plain.gradients[i]![1].item(), 3);
        }
      });
    },
  );
});

describe("PLIF", () => {
  it("refuses to begin without a leak", () => {
    expect(() => namedNeuron("plif", { leak: 1, levels: 1 })).toThrow(OptionError);
  });
});

describe("a layer of ReLUs", () => {
  it("passes positive currents on, and fires nothing", () => {
    scope("test", () => {
      const norm = new SharedNorm({ form: "plain", channels: 3, timesteps: 5, threshold: 1, device: "cpu" });
      using _ = norm;
      using layer = new NeuronLayer(
        { ...lifDefaults, neuron: namedNeuron("integer", settings), threshold: 1, device: "cpu" },
        norm,
      );
      layer.spiking = false;
      const { spikes, counts } = layer.forward(currents(), {
        firstStep: 0,
        normalizedSteps: 0,
        plain: false,
      });
      const values = spikes.toNumbers();
      expect(Math.min(...values)).toBe(0);
      expect(new Set(values).size).toBeGreaterThan(100);
      expect(counts.toNumbers()).toEqual([0, 0, 0, 0, 0]);
    });
  });
});
