/** Neurons and surrogates of one's own run wherever LIF runs, and say where they cannot. */
import { describe, expect, it } from "vitest";
import {
  abs,
  add,
  full,
  mul,
  narrow,
  randn,
  relu,
  scope,
  select,
  sub,
  sum,
  type Tensor,
} from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";
import {
  checkNeuron,
  lif,
  lifSequence,
  lifSequenceReference,
  type Neuron,
  NeuronLayer,
  neuronSequence,
  type SurrogateFunction,
} from "./index.js";

const dynamics = { leak: 0.9, reset: "soft", surrogate: "linear", imbalance: 0 } as const;
const shape = [4, 2, 3, 5, 5];
/** fp32 sums in another order. */
const GRADIENT_TOLERANCE = 1e-5;

/** The same slope as "linear", as a function. */
const triangle: SurrogateFunction = {
  name: "triangle",
  slope: (x) => mul(relu(sub(1, abs(x))), 0.3),
};
/** LIF whose leak is learnt. */
const learning: Neuron = {
  name: "learning",
  learnt: { lambda: 0.9 },
  charge: (v, current, { learnt }) => add(mul(v, learnt.lambda!), current),
};

function run(sequence: (current: Tensor) => { readonly spikes: Tensor; readonly membrane: Tensor }) {
  const current = mul(randn(shape, 1), 1.2).setRequiresGrad(true);
  const { spikes, membrane } = sequence(current);
  sum(mul(spikes, randn(shape, 2))).backward();
  return [spikes, membrane, current.grad!].map((x) => x.toFloat32Array());
}

describe("neuronSequence", () => {
  it("computes LIF as its reference does, and with a learnt leak of the same value, which gets a gradient", () => {
    scope("test", () => {
      const options = { ...dynamics, threshold: full([1], 0.8) };
      const expected = run((current) => lifSequenceReference(current, options));
      expect(run((current) => neuronSequence(current, options))).toEqual(expected);
      const lambda = full([1], 0.9).setRequiresGrad(true);
      expect(
        run((current) => neuronSequence(current, { ...options, neuron: learning, learnt: { lambda } })),
      ).toEqual(expected);
      expect(Math.abs(lambda.grad!.item())).toBeGreaterThan(0);
      expect(run((current) => neuronSequence(current, { ...options, neuron: learning }))).toEqual(expected);
    });
  });

  it("runs a surrogate that is a function as the one of that slope; lifSequence refuses it by name", () => {
    scope("test", () => {
      const options = { ...dynamics, threshold: full([3], 0.8) };
      const own = { ...options, surrogate: triangle };
      const [spikes, membrane, gradient] = run((current) => neuronSequence(current, own));
      const expected = run((current) => lifSequence(current, options));
      expect(spikes).toEqual(expected[0]);
      expect(membrane!.length).toBe(expected[1]!.length);
      const off = gradient!.map((value, i) => Math.abs(value - expected[2]![i]!));
      expect(Math.max(...off)).toBeLessThan(GRADIENT_TOLERANCE);
      expect(() => lifSequence(randn(shape, 1), own)).toThrow(OptionError);
      expect(() => lifSequence(randn(shape, 1), own)).toThrow("no fused kernel knows its surrogate triangle");
    });
  });

  it("fires and resets as the neuron says", () => {
    scope("test", () => {
      const silent: Neuron = { ...lif, name: "silent", fire: (x) => mul(x, 0), reset: (u) => mul(u, 0.5) };
      const current = full([2, 1, 1, 1, 1], 4);
      const { spikes, membrane, counts } = neuronSequence(current, {
        ...{ ...dynamics, leak: 1, threshold: full([1], 1), neuron: silent },
      });
      expect([...spikes.toFloat32Array()]).toEqual([0, 0]);
      expect(membrane.item()).toBe(3); // ((0 + 4)/2 + 4)/2
      expect(counts.toNumbers()).toEqual([0, 0]);
    });
  });

  it("names the part that gives another shape", () => {
    scope("test", () => {
      const wrong: Neuron = { name: "wrong", charge: (v) => sum(v, [1]) };
      const options = { ...dynamics, threshold: full([1], 1), neuron: wrong };
      expect(() => neuronSequence(randn(shape, 1), options)).toThrow(ShapeError);
      expect(() => neuronSequence(randn(shape, 1), options)).toThrow("charge of neuron wrong");
    });
  });
});

describe("NeuronLayer", () => {
  const settings = { ...dynamics, threshold: 0.8, device: "cpu" };
  const whole = { firstStep: 0, normalizedSteps: 0, plain: false };

  it("runs another neuron's chunks as all its steps, and owns what it learns", () => {
    using layer = new NeuronLayer({ ...settings, neuron: learning }, undefined);
    expect([...layer.parameters().keys()]).toEqual(["lambda"]);
    scope("test", () => {
      const current = randn(shape, 3);
      const once = layer.forward(current, whole);
      const first = layer.forward(narrow(current, 0, 0, 3), whole);
      const last = layer.forward(narrow(current, 0, 3, 1), {
        ...whole,
        firstStep: 3,
        initial: first.membrane,
      });
      expect(last.membrane.toArray()).toEqual(once.membrane.toArray());
      expect(select(last.spikes, 0, 0).toArray()).toEqual(select(once.spikes, 0, 3).toArray());
      const packed = { weight: full([64, 3, 1, 1], 1), steps: 4, dilation: 1, poolStride: 0 };
      expect(() => layer.forwardPacked(current, packed)).toThrow("its neurons are learning");
    });
  });
});

describe("checkNeuron", () => {
  it.each([
    [{ name: "a" }, "charge of neuron a to be a function"],
    [{ charge: lif.charge }, "neuron.name to be a name"],
    [{ ...lif, fires: 1 }, "did you mean fire?"],
    [{ ...lif, learnt: { tau: Number.NaN } }, "learnt.tau of neuron LIF"],
    [{ ...lif, learnt: { threshold: 1 } }, "named otherwise"],
    [JSON.parse(JSON.stringify(lif)), "no file keeps a neuron's functions"],
  ])("refuses %#: %s", (neuron, message) => {
    expect(() => checkNeuron("test", neuron as unknown as Neuron)).toThrow(message);
  });
});
