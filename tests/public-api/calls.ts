/**
 * One call at least of every exported function and class that touches tensors, on small inputs that outlive the calls.
 * What a call returns is what it may leave behind.
 */

import type { CalibrationBatch, SnnConfig } from "./all.js";
import * as api from "./all.js";

const { ones, rand, zeros, full, tensorFrom } = api;

const sizes = { inputChannels: 2, numClasses: 3, timesteps: 2 } as const;
const snnConfig = { ...api.modelDefaults, ...sizes, kind: "snn", arch: "dl-vgg9" } as const;
const annConfig = { ...api.modelDefaults, ...sizes, kind: "ann", arch: "dl-vgg9" } as const;
const fcnConfig = { ...snnConfig, arch: "fcn-vgg9" } as const;
const size = [8, 8] as const;

/** What the calls work on; owned by the test. */
export function makeInputs() {
  const image = rand([1, 2, ...size], 1);
  const frames = rand([2, 1, 2, ...size], 2);
  const bits = api.packSpikes(ones([2, 64, 4, 4]));
  const networks = {
    snn: api.createModel(snnConfig),
    fcn: api.createModel(fcnConfig),
    ann: api.createModel(annConfig),
    levelled: api.createModel({ ...annConfig, activationLevels: 4 }),
    unnormed: api.createModel({ ...snnConfig, batchNorm: false }),
  };
  for (const network of Object.values(networks)) network.setTraining(false);
  const batch = {
    images: image.toFloat32Array() as Float32Array<ArrayBuffer>,
    shape: image.shape,
    labels: new Uint8Array(64) as Uint8Array<ArrayBuffer>,
    labelShape: [1, ...size] as const,
    ids: ["0"],
  };
  return {
    ...networks,
    fused: api.fuseSnn(networks.snn, { height: 8, width: 8, precision: "exact" }),
    fusedIntegers: api.fuseIntegers(networks.levelled),
    fusedFcn: api.fuseSnn(networks.fcn, { height: 8, width: 8, precision: "exact" }),
    image,
    frames,
    bits,
    batch,
    a: rand([2, 3], 3),
    b: rand([2, 3], 4),
    scalar: ones([1]),
    leaf: ones([2, 3]).setRequiresGrad(true),
    current: rand([2, 1, 3, 4, 4], 5),
    threshold: full([1], 0.5),
    thresholds: full([3], 0.5),
    logits: rand([1, 3, ...size], 6),
    labels: zeros([1, ...size], { dtype: "int64" }),
    weight: rand([3, 2, 3, 3], 7),
    filters: rand([2, 1, 3, 3], 7),
    wide: rand([3, 64, 3, 3], 8),
    point: rand([3, 64, 1, 1], 9),
    conv: api.packConv(rand([3, 64, 3, 3], 8), packing),
    integers: api.fireIntegers(rand([1, 64, 4, 4], 10), { threshold: full([1], 0.25), levels: 4 }),
    integerWeights: api.packIntegerConv(rand([3, 64, 3, 3], 11), { groups: 1 }),
    images: api.packBytes(ones([2, 64, 4, 4]))!,
    norm: {
      ...{ scale: ones([2, 3]), runningMean: zeros([2, 3]), runningVar: ones([2, 3]) },
      ...{ training: true, momentum: 0.1, eps: 1e-4 },
    },
    spikes: api.packedConvLif(rand([2, 1, 2, 8, 8], 5), rand([64, 2, 3, 3], 6), {
      ...packed,
      threshold: full([1], 0.5),
    }),
  };
}

const packing = { size: [4, 4], dilation: 1, poolStride: 0, input: "bits", precision: "exact" } as const;
const lif = { leak: 0.9, reset: "soft", surrogate: "linear", imbalance: 0 } as const;
const packed = {
  ...{ steps: 2, dilation: 1, poolStride: 0, leak: 0.9 },
  ...({ reset: "soft", surrogate: "linear", norm: undefined } as const),
};
const neurons = { leak: 0.9, hardReset: false } as const;
const layer = {
  leak: 0.9,
  threshold: 1,
  reset: "soft",
  surrogate: "linear",
  imbalance: 0,
  device: "cpu",
} as const;
const convolution = {
  inputs: 2,
  outputs: 3,
  kernelSize: 3,
  init: "kaiming",
  seed: 1,
  device: "cpu",
} as const;
const loss = { ignoreIndex: 255 };
const network = { model: "snn", encoding: "direct", timesteps: 2, device: "cpu" } as const;
const lossOptions = {
  loss: "cross-entropy+dice",
  focalGamma: 2,
  ohemThreshold: 0.7,
  ohemShare: 0.1,
  classWeights: "median-frequency",
  device: "cpu",
} as const;

export type Inputs = ReturnType<typeof makeInputs>;
type Call = (x: Inputs) => unknown;

const calibration = ({ image }: Inputs): CalibrationBatch[] => [
  { images: image, frames: api.directFrames(image) },
];
const networkOf = (model: api.AnnModel) => ({ config: model.config, state: api.readState(model) });
const loaderOf = ({ batch }: Inputs) => {
  const dataset = { name: "test", split: "val", classes: ["a", "b", "c"], size };
  return {
    dataset,
    async *batches() {
      yield batch;
    },
  } as unknown as Parameters<typeof api.evaluate>[1];
};
const datasetOf = ({ batch }: Inputs) =>
  ({
    ...{ size, channels: 2, frames: 0, length: 1 },
    read: async () => ({ image: batch.images, label: batch.labels, id: "0" }),
    view: async () => ({}),
  }) as unknown as Parameters<typeof api.predictExamples>[1];
/** A state that has seen frames, for what goes on from it. */
const seen = (model: api.SnnModel, frames: api.Tensor) => {
  const state = new api.SpikingState();
  model.advance(frames, state);
  return state;
};

export const calls: Readonly<Record<string, Call | readonly Call[]>> = {
  // Arithmetic
  abs: ({ a }) => api.abs(a),
  add: [({ a, b }) => api.add(a, b), ({ a }) => api.add(a, 1), ({ a }) => api.add(1, a)],
  clamp: ({ a }) => api.clamp(a, { least: 0.2, most: 0.8 }),
  div: [({ a, b }) => api.div(a, b), ({ a }) => api.div(a, 2), ({ a }) => api.div(2, a)],
  dropout: ({ a }) => api.dropout(a, 0.5, 1),
  eq: ({ a, b }) => api.eq(a, b),
  exp: ({ a }) => api.exp(a),
  ge: ({ a }) => api.ge(0.5, a),
  gt: ({ a, b }) => api.gt(a, b),
  le: ({ a }) => api.le(a, 0.5),
  log: ({ a }) => api.log(a),
  logSoftmax: ({ logits }) => api.logSoftmax(logits, 1),
  lt: ({ a, b }) => api.lt(a, b),
  maxPool2d: ({ image }) => api.maxPool2d(image, { kernelSize: 2 }),
  oneHot: ({ labels }) => api.oneHot(labels, 3),
  pow: ({ a }) => api.pow(a, 2),
  sigmoid: ({ a }) => api.sigmoid(a),
  softmax: ({ logits }) => api.softmax(logits, 1),
  tanh: ({ a }) => api.tanh(a),
  where: ({ a, b }) => {
    using larger = api.gt(a, b);
    return api.where(larger, a, 0);
  },
  leakyRelu: ({ a }) => api.leakyRelu(a, 0.1),
  mul: [({ a, b }) => api.mul(a, b), ({ a }) => api.mul(a, 2)],
  relu: ({ a }) => api.relu(a),
  sign: ({ a }) => api.sign(a),
  sqrt: ({ a }) => api.sqrt(a),
  sub: ({ a, b }) => api.sub(a, b),
  copyInto: ({ a, b }) => void api.copyInto(a, b),
  // Creation
  full: () => full([2], 3),
  ones: () => ones([2], { dtype: "bool" }),
  rand: () => rand([2], 1),
  randn: () => api.randn([2], 1, { dtype: "float64" }),
  randOnDevice: () => api.randOnDevice([2], 1, { device: "cpu" }),
  zeros: () => zeros([2]),
  zerosLike: ({ a }) => api.zerosLike(a),
  tensorFrom: () => tensorFrom(Float32Array.of(1, 2), [2]),
  toDType: ({ a }) => api.toDType(a, "float64"),
  toDevice: ({ a }) => api.toDevice(a, "cpu"),
  Tensor: [
    ({ leaf }) => {
      using total = api.sum(leaf);
      total.backward();
      const gradient = leaf.grad;
      leaf.clearGrad();
      return gradient;
    },
    ({ a }) => [a.shape, a.numel, a.dtype, a.device, a.toArray(), a.toNumbers(), a.requiresGrad],
  ],
  // The door
  call: [
    ({ a, b }) => api.call("aten::add.Tensor", [a, b]),
    ({ a }) => refused(() => api.call("aten::max.dim", [a, 1])),
    ({ a }) => api.scope("inside", () => refused(() => api.call("aten::max.dim", [a, 1]))),
  ],
  callInPlace: ({ a }) => void api.callInPlace("aten::add_.Scalar", a, [1]),
  callMany: [
    ({ a }) => api.callMany("aten::max.dim", [a, 1]),
    ({ a }) => refused(() => api.callMany("aten::abs", [a])),
  ],
  invoke: ({ a }) => api.invoke("aten::max.dim", [a, 1]),
  keep: () => api.scope("outer", () => api.keep(ones([1]))),
  noGrad: ({ a }) => api.noGrad(() => api.add(a, 1)),
  scope: ({ a }) => api.scope("s", () => api.add(api.add(a, 1), 1)),
  // Lists
  foreachAdd: ({ a, b }) => api.foreachAdd([a], [b]),
  foreachAddScalar_: ({ a }) => api.foreachAddScalar_([a], 1),
  foreachAdd_: ({ a, b }) => api.foreachAdd_([a], [b]),
  foreachAddcdiv_: ({ a, b }) => api.foreachAddcdiv_([a], [b], [b], 1),
  foreachAddcmul_: ({ a, b }) => api.foreachAddcmul_([a], [b], [b], 1),
  foreachDiv_: ({ a }) => api.foreachDiv_([a], 2),
  foreachMaximum: ({ a, b }) => api.foreachMaximum([a], [b]),
  foreachMul_: ({ a }) => api.foreachMul_([a], 2),
  foreachSqrt: ({ a }) => api.foreachSqrt([a]),
  // Layers
  avgPool2d: ({ image }) => api.avgPool2d(image, { kernelSize: 3, stride: 2, padding: 1 }),
  batchNorm: ({ logits }) => {
    using mean = zeros([3]);
    using variance = ones([3]);
    const options = { runningMean: mean, runningVar: variance, training: true, momentum: 0.1, eps: 1e-4 };
    return api.batchNorm(logits, options);
  },
  conv2d: ({ image, weight, filters }) => [
    api.conv2d(image, weight, { padding: 1 }),
    api.conv2d(image, filters, { groups: 2 }),
  ],
  depthwiseConv2d: ({ image, filters }) => api.depthwiseConv2d(image, filters, { stride: 2, dilation: 2 }),
  convTranspose2d: ({ logits, weight }) => api.convTranspose2d(logits, weight, { stride: 2 }),
  customGradient: ({ a, leaf }) => {
    const doubled = api.customGradient(
      (x) => api.mul(x, 2),
      (x) => api.mul(x, 0),
    );
    return [doubled(a), doubled(leaf)];
  },
  crossEntropy: ({ logits, labels }) => api.crossEntropy(logits, labels, 255),
  resizeBilinear: ({ image }) => api.resizeBilinear(image, [4, 5]),
  sameConv2d: ({ image, weight }) => [
    api.sameConv2d(image, weight),
    api.sameConv2d(image, weight, { dilation: 4, byTaps: true }),
  ],
  // Reductions and shapes
  allFinite: ({ a }) => api.allFinite(a),
  amin: ({ a }) => api.amin(a),
  amax: ({ a }) => api.amax(a),
  argmax: ({ a }) => api.argmax(a, 1),
  mean: ({ a }) => api.mean(a),
  norm: ({ a }) => api.norm(a),
  sum: ({ a }) => [api.sum(a), api.sum(a, [0], { dtype: "float64" })],
  channelsLast: ({ image }) => api.channelsLast(image),
  clone: ({ a }) => api.clone(a),
  concat: ({ a, b }) => api.concat([a, b]),
  detach: ({ a }) => api.detach(a),
  expand: ({ scalar }) => api.expand(scalar, [3]),
  flatten: ({ image }) => api.flatten(image, 0, 1),
  narrow: ({ a }) => api.narrow(a, 1, 0, 2),
  permute: ({ a }) => api.permute(a, [1, 0]),
  reshape: ({ a }) => api.reshape(a, [6]),
  select: ({ a }) => api.select(a, 0, 1),
  splitFirst: ({ a }) => api.splitFirst(a, 2),
  stack: ({ a, b }) => api.stack([a, b]),
  unbind: ({ a }) => api.unbind(a),
  unsqueeze: ({ a }) => api.unsqueeze(a, 0),
  // Modules and training
  Adam: ({ leaf }) => stepped((named) => new api.Adam(named, { lr: 0.1, weightDecay: 0.1 }), leaf),
  AdamW: ({ leaf }) => stepped((named) => new api.AdamW(named, { lr: 0.1, decays: () => false }), leaf),
  Sgd: ({ leaf }) => stepped((named) => new api.Sgd(named, { lr: 0.1, momentum: 0.9 }), leaf),
  Optimizer: ({ leaf }) => {
    const optimizer = new api.Sgd(new Map([["w", leaf]]), { lr: 0.1, momentum: 0.9 });
    optimizer.loadState(new Map([["momentum.w", api.zerosLike(leaf)]]), 1);
    return optimizer;
  },
  BatchNorm2d: ({ image }) => {
    using norm = new api.BatchNorm2d(2, "cpu");
    return norm.forward(image);
  },
  Conv2d: ({ image }) => {
    using biased = new api.Conv2d({ ...convolution, bias: true });
    using plain = new api.Conv2d({ ...convolution, dilation: 4, precision: "bf16" });
    return [biased.forward(image), plain.forward(image), biased.forwardLinear(image)];
  },
  Module: () =>
    new (class extends api.Module {
      readonly weight = this.parameter("w", ones([2]));
      readonly state1 = this.buffer("b", ones([2]));
      readonly part = this.child("part", new api.BatchNorm2d(2, "cpu"));
    })(),
  MovingAverage: ({ a }) => {
    const average = new api.MovingAverage(new Map([["a", a]]), { decay: 0.9 });
    average.update();
    average.swap();
    average.swap();
    average.load(new Map([["a", a]]), 1);
    return average;
  },
  QuantizedRelu: ({ image }) => {
    using relu = new api.QuantizedRelu({ levels: 4, device: "cpu" });
    return relu.forward(image);
  },
  Upsampler: ({ logits }) => {
    using upsampler = new api.Upsampler({ channels: 3, init: "xavier", seed: 1, device: "cpu" });
    return upsampler.forward(logits);
  },
  initialWeights: [
    () => api.initialWeights([2, 2, 3, 3], "xavier", 1),
    () => api.initialWeights([2, 2, 3, 3], "kaiming", undefined),
  ],
  loadState: ({ ann }) => void api.loadState(ann, api.readState(ann)),
  readState: ({ ann }) => void api.readState(ann),
  diceLoss: ({ logits, labels }) => api.diceLoss(logits, labels, loss),
  perStepLoss: ({ logits, labels }) => {
    using steps = api.unsqueeze(logits, 0);
    return api.perStepLoss(steps, labels, {
      lossOf: (x, y) => api.crossEntropy(x, y, 255),
      weight: 0.05,
    });
  },
  ohemCrossEntropy: ({ logits, labels }) =>
    api.ohemCrossEntropy(logits, labels, { ...loss, threshold: 0.7, share: 0.1 }),
  focalLoss: ({ logits, labels }) => api.focalLoss(logits, labels, { ...loss, gamma: 2 }),
  lovaszSoftmaxLoss: ({ logits, labels }) => api.lovaszSoftmaxLoss(logits, labels, loss),
  SegmentationLoss: ({ logits, labels }) => {
    using segmentation = new api.SegmentationLoss(lossOptions, { pixels: [1, 2, 3], imagePixels: [6, 6, 6] });
    return segmentation.of(logits, labels);
  },
  enlargedLabels: ({ logits }) => void api.enlargedLabels(logits, { size: [16, 16], labelPixel: "corner" }),
  gridSample: ({ image }) => api.scope("grid", () => api.gridSample(image, zeros([1, 4, 4, 2]))),
  // Neurons
  SharedNorm: ({ current }) => {
    using norm = new api.SharedNorm({ form: "tebn", channels: 3, timesteps: 2, threshold: 1, device: "cpu" });
    return norm.forwardSteps(current, { firstStep: 0 });
  },
  integerSequence: [
    ({ current, threshold }) => api.integerSequence(current, { levels: 4, threshold }),
    ({ current, thresholds }) =>
      api.integerSequence(current, { levels: 2, amplitude: 1, threshold: thresholds }),
    ({ current }) => api.integerSequence(current, { levels: 2 }),
  ],
  BatchNormThroughTime: () => new api.BatchNormThroughTime(2, 3, "cpu"),
  NeuronLayer: [
    ({ current }) => lifLayer((l) => l.forward(current, { ...chunk, plain: false })),
    ({ current }) => lifLayer((l) => l.forward(current, { ...chunk, plain: true })),
    ({ frames, weight }) =>
      lifLayer((l) => l.forwardPacked(frames, { weight, steps: 2, dilation: 1, poolStride: 0 })),
    () => lifLayer((l) => l.setThreshold(full([1], 2))),
  ],
  AuxiliaryHead: ({ ann, image, labels }) => {
    using head = new api.AuxiliaryHead(ann.config, { weight: 0.4, seed: 1, device: "cpu" });
    ann.forward(image, { observer: head }).logits.dispose();
    return head.take(labels, (logits, classes) => api.crossEntropy(logits, classes, 255));
  },
  SpikeRatePenalty: ({ scalar }) => {
    using penalty = new api.SpikeRatePenalty({ target: 0.1, weight: 1 });
    penalty.rate("a", api.add(scalar, 1));
    return penalty.take();
  },
  checkThreshold: ({ threshold }) => api.checkThreshold("test", threshold),
  lifSequence: [
    ({ current, threshold }) => api.lifSequence(current, { ...lif, threshold }),
    ({ current, thresholds, norm }) => api.lifSequence(current, { ...lif, threshold: thresholds, norm }),
  ],
  lifSequenceReference: [
    ({ current, threshold }) => api.lifSequenceReference(current, { ...lif, threshold, imbalance: 1 }),
    ({ current, thresholds, norm }) =>
      api.lifSequenceReference(current, { ...lif, threshold: thresholds, norm, reset: "hard" }),
  ],
  neuronSequence: [
    ({ current, threshold }) => api.neuronSequence(current, { ...lif, threshold, surrogate: half }),
    ({ current, threshold }) => api.neuronSequence(current, { ...lif, threshold, neuron: learning }),
  ],
  neuronStep: ({ current, threshold }) => {
    const parameters = { ...lif, threshold, learnt: {} };
    return api.neuronStep(api.lif, current, { current, parameters });
  },
  packedConv2d: ({ spikes, point }) => api.packedConv2d(spikes, point),
  packedConvLif: [
    ({ frames, weight, threshold }) => api.packedConvLif(frames, weight, { ...packed, threshold }),
    ({ spikes, wide, threshold, norm }) => api.packedConvLif(spikes, wide, { ...packed, threshold, norm }),
  ],
  packedRate: ({ spikes }) => api.packedRate(spikes),
  packedSum: ({ spikes }) => api.packedSum(spikes),
  poissonEncoding: ({ image }) =>
    api.poissonEncoding(
      image,
      2,
      api.seededUniform((t) => t),
    ),
  seededUniform: () => api.seededUniform(() => 1)([2, 2], 0),
  spike: ({ a }) => api.spike(a, "linear"),
  // Networks
  AnnModel: ({ ann, image }) => ann.forward(image),
  SnnModel: [
    ({ snn, frames }) => snn.forward(frames),
    ({ snn, frames }) => snn.forward(frames, { plain: true }),
    ({ fcn, image }) => fcn.forward(image),
    ({ snn, frames }) => {
      using state = seen(snn, frames);
      return snn.readOut(state, size);
    },
    ({ snn }) => void snn.spikingLayers(),
  ],
  SpikingState: ({ snn, frames }) => seen(snn, frames),
  copyModel: ({ ann }) => api.copyModel(ann),
  createBlankModel: () => api.createBlankModel(annConfig),
  createModel: [() => api.createModel(snnConfig), () => api.createModel(fcnConfig)],
  directFrames: ({ image }) => api.directFrames(image)(0, 2),
  walkDecoder: ({ fcn, logits }) => {
    const [stage] = api.planNetwork(fcn.config).decoder!.stages;
    const small = api.avgPool2d(logits, { kernelSize: 3, stride: 2, padding: 1 });
    const scores = api.walkDecoder(small, [stage!], {
      raise: (_, x) => api.mul(x, 1),
      scoresOf: () => logits,
      pass: (_, x) => x,
    });
    return [small, scores];
  },
  infer: ({ snn, ann, image }) => [snn, ann].map((model) => api.infer(model, api.timedInput(model, image))),
  perExampleUniform: () => api.perExampleUniform((n) => n)([2, 3], 1),
  plainTwin: ({ snn, ann, image }) => {
    using twin = api.plainTwin(ann);
    return [api.plainTwin(snn), twin.forward(image)];
  },
  poissonFrames: ({ image }) =>
    api.poissonFrames(
      image,
      api.seededUniform((t) => t),
    )(1, 2),
  runFrames: ({ snn, frames }) => {
    const state = new api.SpikingState();
    api.runFrames(snn, api.storedFrames(frames), { state, timesteps: 2, activationBytes: 1 });
    return state;
  },
  stepsAtOnce: ({ frames }) => api.stepsAtOnce(snnConfig as SnnConfig, api.storedFrames(frames)),
  storedFrames: ({ frames }) => api.storedFrames(frames)(1, 1),
  timedInput: ({ snn, frames }) => api.timedInput(snn, frames).frames(0, 1),
  // Fused inference
  describeConv: ({ conv }) => api.describeConv(conv),
  Forward: ({ snn, image, frames }) => {
    using forward = new api.Forward(snn, { precision: "fast" });
    using state = new api.SpikingState();
    return [
      forward.forward(image),
      forward.advance(frames, state),
      forward.explain(),
      forward.silentLayers(),
    ];
  },
  writeWebModel: ({ snn }) =>
    api.writeWebModel(api.foldNetwork(snn), {
      ...{ name: "net", classes: ["a", "b", "c"], colors: [] },
      input: { kind: "picture", size: [8, 8], channels: [], fit: "stretch", encoding: "direct" },
    }),
  foldNetwork: [
    ({ snn }) => api.foldNetwork(snn),
    ({ fcn }) => api.foldNetwork(fcn),
    ({ levelled }) => api.foldNetwork(levelled),
  ],
  fuseIntegers: [
    ({ levelled }) => api.fuseIntegers(levelled),
    ({ fusedIntegers, image }) => fusedIntegers.forward(image),
  ],
  integersObstacle: ({ levelled, snn }) => [api.integersObstacle(levelled), api.integersObstacle(snn)],
  fuseSnn: [
    ({ snn }) => api.fuseSnn(snn, { height: 8, width: 8, precision: "fast" }),
    ({ fcn }) => api.fuseSnn(fcn, { height: 8, width: 8, precision: "int8" }),
    ({ fused, frames }) => fused.forward(frames),
    ({ fusedFcn, image }) => fusedFcn.forward(image),
    ({ fused, image }) => {
      using state = new api.SpikingState();
      fused.step(image, state);
      return fused.readOut(state);
    },
    ({ fused }) => fused.describe(),
  ],
  fusionObstacle: ({ snn, ann }) => [api.fusionObstacle(snn), api.fusionObstacle(ann)],
  fireIntegers: ({ image, threshold }) => api.fireIntegers(image, { threshold, levels: 4 }),
  integerConv2d: ({ integers, integerWeights, thresholds }) =>
    api.integerConv2d(integers, integerWeights, {
      scale: thresholds,
      shift: thresholds,
      levels: 4,
      stride: 2,
    }),
  integerConvCurrents: ({ integers, integerWeights, thresholds }) =>
    api.integerConvCurrents(integers, integerWeights, { scale: thresholds, shift: thresholds }),
  integerConvJoin: ({ integers, integerWeights, thresholds, threshold }) => {
    using residual = rand([1, 3, 4, 4], 1);
    const affine = { scale: thresholds, shift: thresholds };
    return api.integerConvJoin(integers, integerWeights, { ...affine, residual, threshold, levels: 4 });
  },
  lifSpikes: ({ thresholds }) => {
    using current = rand([2, 3, 4, 4], 1);
    return api.lifSpikes(current, 2, { ...neurons, threshold: thresholds });
  },
  packBytes: ({ a, image }) => {
    using ternary = api.sign(image);
    void a;
    return [api.packBytes(ternary), api.packBytes(image)];
  },
  packIntegerConv: ({ wide }) => api.packIntegerConv(wide, { groups: 1 }),
  packConv: ({ wide }) => api.packConv(wide, { ...packing, precision: "fast" }),
  packSpikes: ({ image }) => {
    using spikes = api.sign(image);
    return api.packSpikes(spikes);
  },
  spikeConv: ({ conv, bits }) => api.spikeConv(conv, bits),
  spikeConvLif: ({ conv, bits, thresholds }) =>
    api.spikeConvLif(conv, bits, 2, { ...neurons, threshold: thresholds }),
  sumSpikes: ({ bits }) => api.sumSpikes(bits, 2, 64),
  unpackSpikes: ({ bits }) => api.unpackSpikes(bits, 64),
  weightError: ({ conv }) => api.weightError(conv),
  // Conversion
  annModel: ({ ann }) => api.annModel(networkOf(ann)),
  applyThresholds: ({ snn }) => {
    const threshold = { shape: [1], data: Float32Array.of(1) };
    api.applyThresholds(snn, new Map([["features.0", threshold]]));
  },
  collectActivations: ({ ann, image }) => void api.collectActivations(ann, [image], { perChannel: true }),
  quantizeAnn: ({ ann, image }) => api.quantizeAnn(ann, [image]),
  convertToSnn: ({ ann, image }) => api.convertToSnn(ann, image, { method: "initial", timesteps: 2 }),
  convertAnn: (["paper", "percentile", "initial", "calibrate"] as const).map(
    (method): Call =>
      (x) =>
        api.convertAnn(networkOf(x.ann), calibration(x), { method, type: "layer", timesteps: 16 }).model,
  ),
  findThresholds: [1, 2 ** 24].map(
    (activationBytes): Call =>
      ({ unnormed, image }) => {
        const options = { type: "layer", timesteps: 16, activationBytes } as const;
        api.findThresholds(unnormed, [api.directFrames(image)], options);
      },
  ),
  latencyCurve: async ({ snn, frames }) => {
    const batch = { frames: api.storedFrames(frames), size, labels: new Uint8Array(64), examples: 1 };
    await api.latencyCurve(snn, [batch], { points: [1, 2] });
  },
  layerReport: (x) => {
    const options = { method: "percentile", type: "layer", timesteps: 2 } as const;
    const conversion = api.convertAnn(networkOf(x.ann), calibration(x), options);
    api.layerReport(conversion, calibration(x));
    return conversion.model;
  },
  withTimesteps: ({ unnormed }) => api.withTimesteps(unnormed, 3),
  // Observers
  OperationCounter: ({ snn, frames }) => {
    const counter = new api.OperationCounter(snn.config, size);
    const { logits } = snn.forward(frames, { observer: counter });
    counter.operations();
    return logits;
  },
  SpikeRecorder: ({ snn, frames }) => {
    using recorder = new api.SpikeRecorder(snn);
    const { logits } = snn.forward(frames, { observer: recorder });
    recorder.statistics();
    return logits;
  },
  // Training
  encodeInput: (["direct", "poisson"] as const).map(
    (encoding): Call =>
      ({ batch }) =>
        api.encodeInput(batch, { ...network, encoding }, (n) => n),
  ),
  evaluate: async (x) => {
    const rest = { input: network, seed: 1, trainPixels: [1, 1, 1] };
    await api.evaluate(x.snn, loaderOf(x), rest);
  },
  measureEnergy: async (x) => {
    await api.measureEnergy(x.snn, loaderOf(x));
  },
  labelTensor: ({ batch }) => api.labelTensor(batch, "cpu"),
  predictExamples: async (x) => {
    await api.predictExamples(x.ann, datasetOf(x), { indices: [0], input: network, seed: 1 });
  },
  restoreWeights: ({ ann }) => api.restoreWeights("file", ann, api.readState(ann)),
  trainStep: ({ batch, snn }) => {
    const model = api.copyModel(snn);
    const optimizer = new api.Adam(model.parameters(), { lr: 1e-3 });
    const penalty = new api.SpikeRatePenalty({ target: 0.1, weight: 1 });
    const encode = () => api.encodeInput(batch, network, () => 0);
    api.trainStep(batch, { model, optimizer, encode, device: "cpu", penalty });
    return [model, optimizer, penalty];
  },
};

const half: api.SurrogateFunction = { name: "half", slope: (x) => api.add(api.mul(x, 0), 0.5) };
const learning: api.Neuron = {
  name: "learning",
  learnt: { lambda: 0.9 },
  charge: (v, current, { learnt }) => api.add(api.mul(v, learnt.lambda!), current),
};
const chunk = { firstStep: 0, normalizedSteps: 2 } as const;

function lifLayer<T>(use: (layer: api.NeuronLayer) => T): T {
  using norm = new api.BatchNormThroughTime(2, 3, "cpu");
  using made = new api.NeuronLayer(layer, norm);
  return use(made);
}

function stepped(make: (named: ReadonlyMap<string, api.Tensor>) => api.Optimizer, leaf: api.Tensor): unknown {
  const optimizer = make(new Map([["w", leaf]]));
  using total = api.sum(leaf);
  total.backward();
  optimizer.step();
  optimizer.zeroGrad();
  return optimizer;
}

/** The error of something that must fail. */
function refused(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return String(error);
  }
  throw new Error("expected a refusal, nothing was refused");
}
