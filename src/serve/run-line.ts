/** A line of a run's `metrics.jsonl`, as far as the page shows it. */
import { z } from "zod";

const number = z.number().nullable().default(null);
const rates = z.record(z.string(), z.number()).default({});
const time = z
  .object({ seconds: number, imagesPerSecond: number })
  .default({ seconds: null, imagesPerSecond: null });

/** What all lines have is asked for; what older or other programs may leave out is `null` or empty. */
const lineSchema = z.discriminatedUnion("kind", [
  z.object({
    ...{ kind: z.literal("epoch"), epoch: z.number(), loss: z.number() },
    ...{ lr: number, rates, silentLayers: z.array(z.string()).default([]), time },
  }),
  z.object({
    ...{ kind: z.literal("evaluation"), epoch: z.number(), loss: z.number(), meanIoU: z.number() },
    ...{ split: z.string().default(""), examples: number, pixelAccuracy: number, baselineMeanIoU: number },
    ...{ perClassIoU: z.array(z.number().nullable()).default([]), rates, time },
  }),
]);

/** A line that was read. */
export type RunLine = z.infer<typeof lineSchema>;
/** An epoch of training: loss, learning rate, spikes per neuron and example over all timesteps, time. */
export type EpochLine = Extract<RunLine, { readonly kind: "epoch" }>;
/** An evaluation: all scores as shares from 0 to 1. */
export type EvaluationLine = Extract<RunLine, { readonly kind: "evaluation" }>;

/** What a line of the log says; `undefined` if it is none of a run's. */
export function runLineOf(text: string): RunLine | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
