/**
 * Fan-out: how many outputs a value reaches through a convolution. Both axes are independent, so a position's fan-out
 * is the product of two numbers, times the output channels.
 */

/**
 * Outputs that each position of an axis reaches through a convolution of stride 1 that keeps the size: taps whose
 * output would lie outside the image do not exist.
 *
 *     f[i] = #{ k : 0 ≤ i − (k − r)·d < size },  r = (kernelSize − 1)/2
 */
export function axisFanOut(
  size: number,
  { kernelSize, dilation }: { readonly kernelSize: number; readonly dilation: number },
): Float64Array {
  const reach = (kernelSize - 1) / 2;
  return Float64Array.from({ length: size }, (_, i) => {
    let outputs = 0;
    for (let tap = -reach; tap <= reach; tap++) {
      const output = i - tap * dilation;
      if (output >= 0 && output < size) outputs++;
    }
    return outputs;
  });
}

/** The same through a transposed convolution without padding: every tap has its output. */
export function transposedAxisFanOut(size: number, kernelSize: number): Float64Array {
  return new Float64Array(size).fill(kernelSize);
}
