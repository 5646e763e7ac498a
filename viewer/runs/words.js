/** How the page says things. */

/** Seconds as `45 s`, `3 min` or `2 h 5 min`. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** What is left of a running training; empty where that is not known. */
export function timeLeft({ endsAtMs }) {
  if (endsAtMs === null) return "";
  const seconds = (endsAtMs - Date.now()) / 1000;
  return seconds < 1 ? "about to end" : `about ${duration(seconds)} left`;
}

/** Three digits that count: `0.00123`, `1.01e-6`. */
export const scientific = (value) =>
  value < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(3)));

/** Such as `12/100`. */
export const epochsOf = ({ epochsDone, epochs }) => `${epochsDone}/${epochs ?? "?"}`;

/** Such as `snn dl-vgg9`. */
export const networkOf = ({ model, arch }) => [model, arch].filter(Boolean).join(" ");

/** Network, timesteps, data set and preset in short. */
export function aboutRun(run) {
  const { timesteps, dataset, preset } = run;
  return [
    networkOf(run),
    ...(timesteps === null ? [] : [`T = ${timesteps}`]),
    ...(dataset === null ? [] : [dataset]),
    ...(preset === null ? [] : [`preset ${preset}`]),
  ].join(" · ");
}

/** When it began, in the reader's time. */
export const beganAt = ({ created }) => (created === "" ? "–" : new Date(created).toLocaleString());

/** Spikes per neuron and timestep of every layer, from those over all timesteps. */
export const ratesPerTimestep = ({ rates }, timesteps) =>
  Object.entries(rates).map(([layer, rate]) => [layer, rate / (timesteps ?? 1)]);

/** Their mean over the layers; `undefined` of a network without spikes. */
export function meanRate(line, timesteps) {
  const rates = ratesPerTimestep(line, timesteps);
  return rates.length === 0 ? undefined : rates.reduce((sum, [, rate]) => sum + rate, 0) / rates.length;
}
