/** `snnseg bench`: what this machine does for a network, in training and inference, and which precision to take. */
import {
  forceDensity,
  forcedDensity,
  inferencePair,
  interleave,
  type Measured,
  machine,
  openWorkload,
  spikingNetwork,
  trainingPair,
  type Workload,
} from "../../benchmarks/index.js";
import { scope, type Tensor } from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import { copyModel, infer, type SnnModel, timedInput } from "../../models/index.js";
import { formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { SummaryOptions } from "./bench-options.js";
import { settingWords } from "./comparison-lines.js";

/** A way that is not this much faster is not worth its rounding. */
const worthwhile = 1.1;

type Ways = Readonly<Record<string, () => unknown>>;
type Times = Readonly<Record<string, Measured>>;

export async function benchSummary(options: SummaryOptions, terminal: Terminal): Promise<void> {
  const { rounds } = options;
  await using work = await openWorkload({ ...options, precision: "bf16" });
  const { setting } = work;
  const model = spikingNetwork(work);
  const density = forcedDensity(options);
  const { batchSize } = setting;
  const stage = terminal.stage({ label: "bench", total: 7 * (rounds + 1), unit: "passes" });
  const timed = (ways: Ways): Times => {
    const stepping = Object.entries(ways).map(([name, way]) => {
      const step = () => {
        way();
        stage.step(1, name);
      };
      return [name, step] as const;
    });
    return interleave(Object.fromEntries(stepping), rounds);
  };
  const [training, inference] = scope("bench", () => {
    const input = work.encode();
    if (density !== undefined) forceDensity(model, input, density);
    return [timeTraining(work, { input, model, timed }), timeInference(input, { model, timed })];
  });
  stage.end();
  const spikes =
    density === undefined ? "" : `${Number((100 * density).toPrecision(3))} % of neurons firing, `;
  terminal.print(`${settingWords(work)}, ${spikes}${engineWords()}, medians of ${rounds}\n`);
  terminal.print(`${timeLines({ training, inference }, batchSize)}\n`);
  const verdict = { training: bestOf(training), inference: bestOf(inference) };
  terminal.print(verdictWords({ training, inference }, verdict));
  terminal.result({
    benchmark: "summary",
    ...setting,
    density,
    training,
    inference,
    verdict,
    rounds,
    ...machine(),
  });
}

interface Work {
  readonly model: SnnModel;
  readonly timed: (ways: Ways) => Times;
}

function timeTraining(work: Workload, { input, model, timed }: Work & { readonly input: Tensor }): Times {
  using exact = copyModel(model);
  using bf16 = trainingPair(work, input);
  using fp32 = trainingPair({ ...work, model: exact }, input);
  return timed({ twin: bf16.twin, fp32: fp32.ours, bf16: bf16.ours });
}

function timeInference(input: Tensor, { model, timed }: Work): Times {
  using fast = inferencePair({ model, precision: "fast" }, input);
  using int8 = inferencePair({ model, precision: "int8" }, input);
  const own = () => scope("own", () => void infer(model, timedInput(model, input)));
  return timed({ twin: fast.twin, fp32: own, fast: () => fast.ours(), int8: () => int8.ours() });
}

/** The fastest way but the twin; of two that are alike the more exact one, which stands first. */
function bestOf(times: Times): string {
  const ways = Object.keys(times).filter((name) => name !== "twin");
  return ways.reduce((best, name) => (times[best]!.ms > worthwhile * times[name]!.ms ? name : best));
}

type Parts = Readonly<Record<"training" | "inference", Times>>;

function timeLines(parts: Parts, batchSize: number): string {
  const rows = Object.entries(parts).flatMap(([part, times]) =>
    Object.entries(times).map(([name, { ms, peakBytes }], i) => [
      i === 0 ? part : "",
      name === "twin" ? "plain twin" : `--precision ${name}`,
      ((1000 * batchSize) / ms).toPrecision(3),
      (times.twin!.ms / ms).toFixed(2),
      (peakBytes / 2 ** 20).toFixed(0),
    ]),
  );
  const head = ["", "", "images/s", "against the twin", "extra tensor memory, MiB"];
  return formatTable([head, ...rows], { left: 2 });
}

function verdictWords(parts: Parts, verdict: Readonly<Record<keyof Parts, string>>): string {
  const words = (part: keyof Parts) => {
    const times = parts[part];
    const { ms, peakBytes } = times[verdict[part]]!;
    const memory = times.twin!.peakBytes / peakBytes;
    return `--precision ${verdict[part]}, ${(times.twin!.ms / ms).toFixed(1)} times the twin's speed, its memory divided by ${memory.toFixed(1)}`;
  };
  return (
    `train with ${words("training")}\n` +
    `eval and predict with ${words("inference")}${verdict.inference === "int8" ? "; fast where 8 bits cost accuracy" : ""}`
  );
}
