/** For every operator of ours, calls that must succeed: what mutations start from. */
import type { Draws } from "../../src/random/index.js";
import {
  carrier,
  constant,
  integers,
  list,
  normal,
  positive,
  type Source,
  type TensorSource,
  whole,
  words,
} from "./source.js";

/** Draws with names for what tables of calls need. */
interface Random {
  readonly draws: Draws;
  /** A whole number of low … high. */
  size(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  flag(): boolean;
  seed(): number;
}

export function randomOf(draws: Draws): Random {
  return {
    draws,
    size: (low, high) => low + draws.integer(high - low + 1),
    pick: (items) => items[draws.integer(items.length)]!,
    flag: () => draws.chance(0.5),
    seed: () => draws.integer(1000),
  };
}

/** More than a word of channels in some; words() sets channels 0 to 2 of each word. */
const channelCounts = [3, 5, 16, 64, 67];
const wordsOf = (channels: number) => Math.ceil(channels / 64);

const tensor = (
  shape: readonly number[],
  fill: TensorSource["fill"],
  asks: boolean | undefined = undefined,
): TensorSource => ({ shape, fill, ...(asks ? { asks } : {}) });

/** gamma, running mean and running variance `[T, C]`; or none. */
function norm(r: Random, shape: readonly number[]): Source[] {
  if (r.flag()) return ["null", "null", "null"];
  const scale = r.flag() ? tensor(shape, positive(r.seed()), r.flag()) : "null";
  return [scale, tensor(shape, normal(r.seed())), tensor(shape, positive(r.seed()))];
}

const flagText = (r: Random) => String(r.flag());
const leak = (r: Random) => r.pick(["1", "0.9", "0.25"]);
const surrogate = (r: Random) => String(r.size(0, 3));

/** A packed convolution and what it reads and gives. */
function conv(r: Random, bytes = r.flag()) {
  const [channels, outputs, kernel, dilation] = [
    r.pick(channelCounts),
    r.pick(channelCounts),
    r.pick([1, 3]),
    r.size(1, 2),
  ];
  const [height, width, frames] = [r.size(3, 6), r.size(3, 6), r.size(1, 4)];
  const pool = bytes ? 0 : r.size(0, 2);
  const padding = (dilation * (kernel - 1)) / 2;
  const weight = tensor([outputs, channels, kernel, kernel], normal(r.seed()));
  const place = [height, width, padding, dilation, pool, bytes, r.size(0, 2)].map(String);
  const out = (size: number) => (pool > 0 ? Math.floor((size - 1) / pool) + 1 : size);
  return {
    ...{ weight, place, outputs, frames, size: [out(height), out(width)] as const },
    packed: `call("snnseg::pack_conv", [${weight.fill(weight.shape)}, ${place.join(", ")}])`,
    input: bytes
      ? tensor([frames, height, width, channels], (shape) => `toDType(${whole(1)(shape)}, "int8")`)
      : tensor([frames, height, width, wordsOf(channels)], words(r.seed())),
  };
}

/** scale, shift, threshold, membrane, leak and reset of neurons whose state is `[N, H, W, O]`. */
function neurons(r: Random, steps: number, state: readonly number[]): Source[] {
  const channels = state[3]!;
  const optional = (source: TensorSource) => (r.flag() ? source : "null");
  return [
    optional(tensor([steps, channels], normal(r.seed()))),
    optional(tensor([steps, channels], normal(r.seed()))),
    tensor([channels], positive(r.seed())),
    optional(tensor(state, normal(r.seed()))),
    leak(r),
    flagText(r),
  ];
}

/** A convolution of integers: what it reads, its weights, scale, shift, kernel, stride and dilation; and the shape of its result. */
function integerConv(r: Random) {
  const depthwise = r.flag();
  const channels = r.pick(channelCounts);
  const outputs = depthwise ? channels : r.pick(channelCounts);
  const [kernel, stride, dilation] = [r.pick([1, 3]), r.size(1, 2), r.size(1, 3)];
  const [batch, height, width] = [r.size(1, 2), r.size(1, 7), r.size(1, 7)];
  const taps = kernel * kernel;
  const packed = depthwise
    ? [taps, channels]
    : [Math.ceil(outputs / 16), taps, Math.ceil(channels / 4), 16, 4];
  return {
    map: [batch, outputs, Math.ceil(height / stride), Math.ceil(width / stride)] as const,
    args: [
      tensor([batch, height, width, channels], integers(r.seed())),
      tensor(packed, (shape) => `toDType(${whole(r.seed())(shape)}, "int8")`),
      tensor([outputs], normal(r.seed())),
      tensor([outputs], normal(r.seed())),
      ...[kernel, stride, dilation].map(String),
    ],
  };
}

const levels = (r: Random) => String(r.pick([1, 4, 127]));

/** Bits of a spike map and its carrier. */
function spikeMap(r: Random, channels = r.pick(channelCounts)) {
  const [steps, batch, height, width] = [r.size(1, 3), r.size(1, 2), r.size(3, 6), r.size(3, 6)];
  return {
    ...{ channels, steps, batch, height, width },
    bits: tensor([steps * batch, height, width, wordsOf(channels)], words(r.seed())),
    carrier: tensor([steps, batch, height, width, channels], carrier, r.flag()),
  };
}

/** The same shapes several times. */
function parameters(r: Random) {
  const shapes = Array.from({ length: r.size(1, 3) }, () =>
    Array.from({ length: r.size(0, 4) }, () => r.size(1, 4)),
  );
  return (fill: (seed: number) => TensorSource["fill"]) =>
    shapes.map((shape) => tensor(shape, fill(r.seed())));
}

export const validCalls: Readonly<Record<string, (r: Random) => Source[]>> = {
  "snnseg::adam_step": (r) => {
    const each = parameters(r);
    return [
      each(normal),
      each(normal),
      each(normal),
      each(positive),
      r.flag() ? each(positive) : "[]",
      "0.01",
      "0.5",
      "0.9",
      "0.999",
      "1e-8",
      "0.1",
      "0.99",
    ];
  },
  "snnseg::squared_norm": (r) => [parameters(r)(normal)],
  "snnseg::sgd_step": (r) => {
    const each = parameters(r);
    return r.flag()
      ? [each(normal), each(normal), each(normal), "0.01", "0.9", "0.1"]
      : [each(normal), each(normal), "[]", "0.01", "0", "0.1"];
  },
  "snnseg::fire_integers": (r) => {
    const shape = [r.size(1, 2), r.pick(channelCounts), r.size(1, 6), r.size(1, 6)];
    return [
      tensor(shape, normal(r.seed())),
      tensor(r.pick([[1], [shape[1]!]]), positive(r.seed())),
      levels(r),
    ];
  },
  "snnseg::instruction_set": () => [],
  "snnseg::integer_conv2d": (r) => [...integerConv(r).args, r.flag() ? "0" : levels(r)],
  "snnseg::integer_conv2d_join": (r) => {
    const { args, map } = integerConv(r);
    return [
      ...args,
      tensor(map, normal(r.seed())),
      tensor(r.pick([[1], [map[1]]]), positive(r.seed())),
      levels(r),
    ];
  },
  "snnseg::integer_sequence": (r) => {
    const [steps, batch, channels] = [r.size(1, 4), r.size(1, 2), r.pick([1, 2, 3, 5, 17])];
    const frame = [batch, channels, r.size(1, 4), r.size(1, 4)];
    return [
      tensor([steps, ...frame], normal(r.seed()), r.flag()),
      tensor(r.pick([[1], [channels]]), positive(r.seed()), r.flag()),
      r.flag() ? tensor(frame, normal(r.seed())) : "null",
      leak(r),
      r.pick(["1", "4", "127"]),
      r.pick(["0", "1", "0.25"]),
    ];
  },
  "snnseg::synchronised_batch_norm": (r) => {
    const channels = r.pick([1, 2, 3, 5, 17]);
    const some = () => (r.flag() ? tensor([channels], normal(r.seed()), r.flag()) : "null");
    return [
      tensor([r.size(1, 3), channels, r.size(1, 6), r.size(1, 6)], normal(r.seed()), r.flag()),
      ...[some(), some(), tensor([channels], normal(r.seed())), tensor([channels], positive(r.seed()))],
      ...["0.1", "1e-4"],
    ];
  },
  "snnseg::normalized_activation": (r) => {
    const channels = r.pick([1, 2, 3, 5, 17, 33]);
    const [normalized, integers] = [r.flag(), r.flag()];
    const some = () => (normalized && r.flag() ? tensor([channels], normal(r.seed()), r.flag()) : "null");
    const statistic = (fill: typeof normal) => (normalized ? tensor([channels], fill(r.seed())) : "null");
    return [
      tensor([r.size(1, 3), channels, r.size(1, 12), r.size(1, 12)], normal(r.seed()), r.flag()),
      ...[some(), some(), statistic(normal), statistic(positive)],
      integers ? tensor(r.pick([[1], [channels]]), positive(r.seed()), r.flag()) : "null",
      ...[flagText(r), "0.1", "1e-4"],
      ...[integers ? r.pick(["1", "4", "127"]) : "0", integers ? r.pick(["0", "1", "0.25"]) : "0"],
    ];
  },
  "snnseg::lif_sequence": (r) => {
    const [steps, batch, channels, height, width] = [
      r.size(1, 4),
      r.size(1, 2),
      r.pick([1, 2, 3, 5, 17]),
      r.size(1, 4),
      r.size(1, 4),
    ];
    const batchNorm = norm(r, [steps, channels]);
    const threshold = r.pick([[1], [channels], [channels, height, width]]);
    return [
      tensor([steps, batch, channels, height, width], normal(r.seed()), r.flag()),
      ...batchNorm,
      tensor(threshold, positive(r.seed())),
      r.flag() ? tensor([batch, channels, height, width], normal(r.seed())) : "null",
      ...[flagText(r), "0.1", "1e-4"],
      tensor([1], (shape) => `mul(add(rand(${JSON.stringify(shape)}, ${r.seed()}), 0.5), 0.6)`, r.flag()),
      ...[r.pick(["0", "2"]), flagText(r), surrogate(r)],
      batchNorm[1] === "null" ? "0" : String(r.size(1, steps)),
    ];
  },
  "snnseg::lif_spikes": (r) => {
    const [steps, batch, channels, height, width] = [
      r.size(1, 3),
      r.size(1, 2),
      r.pick(channelCounts),
      r.size(1, 4),
      r.size(1, 4),
    ];
    const still = r.flag();
    return [
      tensor([still ? batch : steps * batch, channels, height, width], normal(r.seed())),
      String(steps),
      ...neurons(r, steps, [batch, height, width, channels]),
      String(still),
    ];
  },
  "snnseg::pack_bytes": (r) => [
    tensor([r.size(1, 3), r.size(1, 5), r.size(1, 5), r.size(1, 9)], whole(r.seed())),
  ],
  "snnseg::pack_conv": (r) => {
    const { weight, place } = conv(r);
    return [weight, ...place];
  },
  "snnseg::pack_integer_conv": (r) => {
    const [outputs, depthwise, kernel] = [r.pick(channelCounts), r.flag(), r.pick([1, 3, 5])];
    const weight = [outputs, depthwise ? 1 : r.pick(channelCounts), kernel, kernel];
    return [tensor(weight, normal(r.seed())), String(depthwise ? outputs : 1)];
  },
  "snnseg::pack_spikes": (r) => [
    tensor(
      [r.size(1, 3), r.pick(channelCounts), r.size(1, 9), r.size(1, 9)],
      (shape) => `toDType(gt(rand(${list(shape)}, 3), 0.6), "float32")`,
    ),
  ],
  "snnseg::packed_conv2d": (r) => {
    const { bits, carrier, channels } = spikeMap(r);
    const kernel = r.pick([1, 3]);
    return [
      bits,
      carrier,
      tensor([r.pick(channelCounts), channels, kernel, kernel], normal(r.seed()), r.flag()),
    ];
  },
  "snnseg::packed_conv_error": (r) => [conv(r).packed],
  "snnseg::packed_conv_form": (r) => [conv(r).packed],
  "snnseg::packed_conv_lif": (r) => {
    const { bits, carrier, channels, steps, batch, height, width } = spikeMap(r);
    const [outputs, kernel, images] = [r.pick(channelCounts), r.pick([1, 3]), r.flag()];
    const frames = r.flag() ? [steps, batch, channels, height, width] : [batch, channels, height, width];
    return [
      ...(images ? [tensor(frames, normal(r.seed()), r.flag()), "null"] : [bits, carrier]),
      tensor([outputs, channels, kernel, kernel], normal(r.seed()), r.flag()),
      ...norm(r, [steps, outputs]),
      tensor(r.pick([[1], [outputs]]), positive(r.seed())),
      ...[steps, r.size(1, 2), images ? 0 : r.size(0, 2), r.flag()].map(String),
      ...["0.1", "1e-4", leak(r), flagText(r), surrogate(r)],
    ];
  },
  "snnseg::packed_rate": (r) => {
    const { steps, carrier } = spikeMap(r);
    return [tensor([steps], constant("7", "int64")), carrier];
  },
  "snnseg::packed_sum": (r) => {
    const { bits, carrier } = spikeMap(r);
    return [bits, carrier];
  },
  "snnseg::depthwise_conv2d": (r) => {
    const [channels, kernel] = [r.size(1, 40), r.pick([1, 3, 5])];
    return [
      tensor([r.size(0, 2), channels, r.size(1, 6), r.size(1, 6)], normal(r.seed()), r.flag()),
      tensor([channels, 1, kernel, kernel], normal(r.seed()), r.flag()),
      ...[r.size(1, 3), r.size(1, 7)].map(String),
    ];
  },
  "snnseg::same_conv2d": (r) => {
    const [channels, kernel] = [r.size(1, 5), r.pick([1, 3, 5])];
    return [
      tensor([r.size(1, 2), channels, r.size(1, 6), r.size(1, 6)], normal(r.seed()), r.flag()),
      tensor([r.size(1, 5), channels, kernel, kernel], normal(r.seed()), r.flag()),
      ...[String(r.size(1, 7)), flagText(r), flagText(r)],
    ];
  },
  "snnseg::spike": (r) => [
    tensor(
      Array.from({ length: r.size(0, 5) }, () => r.size(1, 4)),
      normal(r.seed()),
      r.flag(),
    ),
    surrogate(r),
  ],
  "snnseg::spike_conv": (r) => {
    const { packed, input } = conv(r);
    return [packed, input];
  },
  "snnseg::spike_conv_lif": (r) => {
    const { packed, input, outputs, frames, size } = conv(r);
    const steps = r.pick([1, frames]);
    return [packed, input, String(steps), ...neurons(r, steps, [frames / steps, ...size, outputs])];
  },
  "snnseg::sum_spikes": (r) => {
    const { bits, steps, channels } = spikeMap(r);
    return [bits, String(steps), String(channels)];
  },
  "snnseg::instruction_sets": (r) => [flagText(r)],
  "snnseg::training_plan": (r) => [flagText(r)],
  "snnseg::unpack_spikes": (r) => {
    const { bits, channels } = spikeMap(r);
    return [bits, String(channels)];
  },
};
