/**
 * Fan-out: how many outputs a value reaches through a convolution. Both axes are independent, so a position's fan-out
 * is the product of two numbers, times the output channels.
 */

/** How a convolution's window moves along an axis. */
interface Window {
  readonly kernelSize: number;
  readonly dilation: number;
  readonly stride: number;
}

/**
 * Outputs that each position of an axis reaches through a convolution whose padding keeps the size: taps whose
 * output would lie outside the image, or between the steps of the stride s, do not exist.
 *
 *     f[i] = #{ k : i − (k − r)·d ∈ {0, s, 2s, …} below size },  r = (kernelSize − 1)/2
 */
export function axisFanOut(size: number, { kernelSize, dilation, stride }: Window): Float64Array {
  const reach = (kernelSize - 1) / 2;
  return Float64Array.from({ length: size }, (_, i) => {
    let outputs = 0;
    for (let tap = -reach; tap <= reach; tap++) {
      const center = i - tap * dilation;
      if (center >= 0 && center < size && center % stride === 0) outputs++;
    }
    return outputs;
  });
}

/** The same through a transposed convolution without padding: every tap has its output. */
export function transposedAxisFanOut(size: number, kernelSize: number): Float64Array {
  return new Float64Array(size).fill(kernelSize);
}
