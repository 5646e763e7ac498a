/** How fast the processor's clock runs now, as that of shared machines moves. */

const steps = 1_000_000;
/** A multiplication takes three cycles and an addition one, and each waits for the one before. */
const cyclesPerStep = 4;
const pieces = 8;

let sink = 0;

/** In GHz: of several short chains the fastest, as others may interrupt. */
export function clockGHz() {
  let best = Number.POSITIVE_INFINITY;
  for (let piece = 0; piece < pieces; piece++) {
    const start = performance.now();
    sink = chain(sink);
    best = Math.min(best, performance.now() - start);
  }
  return (cyclesPerStep * steps) / best / 1e6;
}

function chain(x) {
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  return x;
}
