/** The kernels as plain loops: what the compiled ones are held to, and the fallback where WebAssembly is refused. */
import type { Address, Geometry, Kernels, Memory } from "./kernels.js";
import { tileWidths } from "./kernels.js";
import { PlainMemory } from "./plain-memory.js";

const { fround } = Math;

/** Kernels on a memory of their own. */
export function plainKernels(): Kernels {
  return new PlainKernels();
}

class PlainKernels implements Kernels {
  readonly memory: Memory = new PlainMemory();
  readonly dense = undefined;

  count(map: Address, bytes: number): number {
    return this.#bytes(map)
      .subarray(0, bytes)
      .reduce((total, k) => total + Number(k > 0), 0);
  }

  list(map: Address, pixels: number, channels: number, entries: Address, begin: Address): void {
    const [k, to, from] = [this.#bytes(map), this.#ints(entries), this.#ints(begin)];
    let count = 0;
    for (let p = 0; p < pixels; p++) {
      from[p] = count;
      for (let c = 0; c < channels; c++) {
        const integer = k[p * channels + c]!;
        if (integer > 0) to[count++] = (c << 8) | integer;
      }
    }
    from[pixels] = count;
  }

  gather(
    geometry: Address,
    entries: Address,
    begin: Address,
    weights: Address,
    sums: Address,
    _work: Address,
    _most: number,
  ): void {
    const g = this.#geometry(geometry);
    const [listed, from, q, to] = [
      this.#ints(entries),
      this.#ints(begin),
      new Int8Array(this.memory.buffer, weights),
      this.#floats(sums),
    ];
    const rows = g.kernel * g.kernel * g.inputs;
    const total = new Int32Array(64);
    for (let out = 0; out < g.outHeight * g.outWidth; out++) {
      let first = 0;
      for (const tile of tileWidths(g.outputs)) {
        total.fill(0);
        eachTap(g, out, (tap, pixel) => {
          for (let i = from[pixel]!; i < from[pixel + 1]!; i++) {
            const row = first * rows + (tap * g.inputs + (listed[i]! >> 8)) * tile;
            const k = listed[i]! & 255;
            for (let o = 0; o < tile; o++) total[o]! += q[row + o]! * k;
          }
        });
        for (let o = 0; o < tile; o++) to[out * g.outputs + first + o] = total[o]!;
        first += tile;
      }
    }
  }

  depthwise(geometry: Address, map: Address, weights: Address, sums: Address): void {
    const g = this.#geometry(geometry);
    const q = new Int8Array(this.memory.buffer, weights);
    const [k, to] = [this.#bytes(map), this.#floats(sums)];
    eachChannel(g, (out, c) => {
      let total = 0;
      eachTap(g, out, (tap, pixel) => {
        total += q[tap * g.inputs + c]! * k[pixel * g.inputs + c]!;
      });
      to[out * g.outputs + c] = total;
    });
  }

  values(geometry: Address, map: Address, weights: Address, sums: Address): void {
    const g = this.#geometry(geometry);
    const [x, w, to] = [this.#floats(map), this.#floats(weights), this.#floats(sums)];
    eachChannel(g, (out, o) => {
      let total = 0;
      eachTap(g, out, (tap, pixel) => {
        for (let c = 0; c < g.used; c++) {
          const product = fround(x[pixel * g.inputs + c]! * w[(tap * g.used + c) * g.outputs + o]!);
          total = fround(total + product);
        }
      });
      to[out * g.outputs + o] = total;
    });
  }

  depthwiseValues(geometry: Address, map: Address, weights: Address, sums: Address): void {
    const g = this.#geometry(geometry);
    const [x, w, to] = [this.#floats(map), this.#floats(weights), this.#floats(sums)];
    eachChannel(g, (out, c) => {
      let total = 0;
      eachTap(g, out, (tap, pixel) => {
        total = fround(total + fround(x[pixel * g.inputs + c]! * w[tap * g.inputs + c]!));
      });
      to[out * g.outputs + c] = total;
    });
  }

  affine(map: Address, pixels: number, channels: number, scale: Address, shift: Address, to: Address): void {
    const affine = this.#affine(map, scale, shift, channels);
    const y = this.#floats(to);
    for (let i = 0; i < pixels * channels; i++) y[i] = affine(i);
  }

  fire(
    sums: Address,
    pixels: number,
    channels: number,
    scale: Address,
    shift: Address,
    threshold: Address,
    perNeuron: number,
    leak: number,
    levels: number,
    hard: number,
    membrane: Address,
    to: Address,
  ): number {
    const affine = this.#affine(sums, scale, shift, channels);
    const [thresholds, v, sent] = [this.#floats(threshold), this.#floats(membrane), this.#bytes(to)];
    const decay = fround(leak);
    let total = 0;
    for (let i = 0; i < pixels * channels; i++) {
      const theta = thresholds[perNeuron ? i : i % channels]!;
      const u = fround(fround(decay * v[i]!) + affine(i));
      const k = levels === 0 ? Number(u > theta) : integerOf(fround(u / theta), levels);
      v[i] = hard ? u * (1 - k) : u - fround(theta * k);
      sent[i] = k;
      total += k;
    }
    return total;
  }

  relu(
    sums: Address,
    pixels: number,
    channels: number,
    scale: Address,
    shift: Address,
    slope: number,
    to: Address,
  ): number {
    const affine = this.#affine(sums, scale, shift, channels);
    const y = this.#floats(to);
    const factor = fround(slope);
    let above = 0;
    for (let i = 0; i < pixels * channels; i++) {
      const x = affine(i);
      y[i] = x > 0 ? x : factor * x;
      if (x > 0) above++;
    }
    return above;
  }

  pool(map: Address, height: number, width: number, channels: number, stride: number, to: Address): void {
    const g = windows(height, width, channels, stride);
    const [k, y] = [this.#bytes(map), this.#bytes(to)];
    eachChannel(g, (out, c) => {
      let total = 0;
      eachTap(g, out, (_, pixel) => {
        total += k[pixel * channels + c]!;
      });
      y[out * channels + c] = total;
    });
  }

  poolValues(
    map: Address,
    height: number,
    width: number,
    channels: number,
    stride: number,
    to: Address,
  ): void {
    const g = windows(height, width, channels, stride);
    const [x, y] = [this.#floats(map), this.#floats(to)];
    eachChannel(g, (out, c) => {
      let total = 0;
      eachTap(g, out, (_, pixel) => {
        total = fround(total + x[pixel * channels + c]!);
      });
      y[out * channels + c] = total / 9;
    });
  }

  toValues(map: Address, pixels: number, channels: number, worth: Address, to: Address): void {
    const [k, a, y] = [this.#bytes(map), this.#floats(worth), this.#floats(to)];
    for (let i = 0; i < pixels * channels; i++) y[i] = k[i]! * a[i % channels]!;
  }

  add(a: Address, b: Address, count: number, to: Address): void {
    const [left, right, y] = [this.#floats(a), this.#floats(b), this.#floats(to)];
    for (let i = 0; i < count; i++) y[i] = left[i]! + right[i]!;
  }

  resize(
    map: Address,
    width: number,
    channels: number,
    rows: Address,
    outHeight: number,
    columns: Address,
    outWidth: number,
    to: Address,
  ): void {
    const [x, y] = [this.#floats(map), this.#floats(to)];
    const between = (at: Address, i: number) => {
      const [low = 0, high = 0] = this.#ints(at).subarray(3 * i);
      const share = this.#floats(at)[3 * i + 2]!;
      return { low, high, share, rest: fround(1 - share) };
    };
    for (let out = 0; out < outHeight * outWidth; out++) {
      const row = between(rows, Math.floor(out / outWidth));
      const column = between(columns, out % outWidth);
      for (let c = 0; c < channels; c++) {
        const along = (from: number) => {
          const left = fround(column.rest * x[(from * width + column.low) * channels + c]!);
          return fround(left + fround(column.share * x[(from * width + column.high) * channels + c]!));
        };
        y[out * channels + c] = fround(row.rest * along(row.low)) + fround(row.share * along(row.high));
      }
    }
  }

  place(map: Address, pixels: number, stride: number, bytes: number, to: Address, toStride: number): void {
    const memory = this.#bytes(0);
    for (let p = 0; p < pixels; p++) {
      memory.copyWithin(to + p * toStride, map + p * stride, map + p * stride + bytes);
    }
  }

  labels(scores: Address, pixels: number, channels: number, classes: number, to: Address): void {
    const [x, y] = [this.#floats(scores), this.#bytes(to)];
    for (let p = 0; p < pixels; p++) {
      let best = 0;
      for (let k = 1; k < classes; k++) if (x[p * channels + k]! > x[p * channels + best]!) best = k;
      y[p] = best;
    }
  }

  sumChannels(map: Address, pixels: number, channels: number, to: Address): void {
    const [k, y] = [this.#bytes(map), this.#floats(to)];
    for (let p = 0; p < pixels; p++) {
      let total = 0;
      for (let c = 0; c < channels; c++) total += k[p * channels + c]!;
      y[p] = total;
    }
  }

  /** Of element i of `[pixels, C]`. */
  #affine(map: Address, scale: Address, shift: Address, channels: number): (i: number) => number {
    const [x, factor, offset] = [this.#floats(map), this.#floats(scale), this.#floats(shift)];
    return (i) => fround(fround(x[i]! * factor[i % channels]!) + offset[i % channels]!);
  }

  #bytes(at: Address): Uint8Array {
    return new Uint8Array(this.memory.buffer, at);
  }

  #ints(at: Address): Int32Array {
    return new Int32Array(this.memory.buffer, at);
  }

  #floats(at: Address): Float32Array {
    return new Float32Array(this.memory.buffer, at);
  }

  #geometry(at: Address): Geometry {
    const [height = 0, width = 0, inputs = 0, used = 0, outHeight = 0, outWidth = 0, ...rest] = this.#ints(
      at,
    ).subarray(0, 11);
    const [outputs = 0, kernel = 0, stride = 0, dilation = 0, padding = 0] = rest;
    return { height, width, inputs, used, outHeight, outWidth, outputs, kernel, stride, dilation, padding };
  }
}

/** ⌊clip(ratio, 0, levels) + ½⌋; the sum is not rounded to float32, which could carry it over the half. */
function integerOf(ratio: number, levels: number): number {
  const clipped = Math.min(Math.max(ratio, 0), levels);
  return Math.floor(clipped + 0.5);
}

function windows(height: number, width: number, channels: number, stride: number): Geometry {
  const sized = { outHeight: Math.ceil(height / stride), outWidth: Math.ceil(width / stride) };
  const same = { inputs: channels, used: channels, outputs: channels };
  return { height, width, ...sized, ...same, kernel: 3, stride, dilation: 1, padding: 1 };
}

function eachChannel(g: Geometry, visit: (out: number, channel: number) => void): void {
  for (let out = 0; out < g.outHeight * g.outWidth; out++) {
    for (let c = 0; c < g.outputs; c++) visit(out, c);
  }
}

/** The taps of an output pixel that lie in the map, with the pixel that each reads. */
function eachTap(g: Geometry, out: number, visit: (tap: number, pixel: number) => void): void {
  const top = Math.floor(out / g.outWidth) * g.stride - g.padding;
  const left = (out % g.outWidth) * g.stride - g.padding;
  for (let tap = 0; tap < g.kernel * g.kernel; tap++) {
    const row = top + Math.floor(tap / g.kernel) * g.dilation;
    const column = left + (tap % g.kernel) * g.dilation;
    const isInside = row >= 0 && row < g.height && column >= 0 && column < g.width;
    if (isInside) visit(tap, row * g.width + column);
  }
}
