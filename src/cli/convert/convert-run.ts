/** Runs a conversion and prints what it finds. */
import { architectureName } from "../../models/index.js";
import {
  type ConvertOptions,
  convertRun as convert,
  type GivenOptions,
  layerHead,
  layerRows,
  type MethodCurve,
} from "../../runs/index.js";
import type { CommandContext } from "../context.js";
import { formatCount, formatShare, formatTable } from "../lines/format.js";
import { scoreJson, scoreLines } from "../lines/score-lines.js";

/** Runs the command. */
export async function convertRun(
  path: string,
  {
    words,
    options,
    context,
  }: { readonly words: ConvertOptions; readonly options: GivenOptions; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const { result, classes, run, checkpoint, annMeanIoU, layers, curve, files } = await convert(path, {
    ...words,
    options,
    listener: {
      warn: (message) => terminal.warn(message),
      note: (message) => terminal.note(message),
      stage: (plan) => terminal.stage(plan),
      converted: ({ layers, calibration, warnings }, { file, network }, { timesteps, encoding }) => {
        terminal.print(
          `${file}: ${architectureName(network.config.arch)} to ${timesteps} timesteps, method ${words.method}, thresholds per ` +
            `${words.thresholds} from ${calibration.examples} images, ${encoding} coding`,
        );
        terminal.print(`\n${formatTable([layerHead, ...layerRows(layers)])}\n`);
        for (const line of warnings) terminal.warn(line);
      },
      scored: ({ result, annMeanIoU, classes, timesteps, run, layersPicture, warnings }) => {
        terminal.print(scoreLines(result, classes));
        for (const warning of warnings) terminal.warn(warning);
        const lost = result.meanIoU - annMeanIoU;
        terminal.print(
          `\nmean IoU ${formatShare(result.meanIoU)} after ${timesteps} timesteps, the ANN's is ` +
            `${formatShare(annMeanIoU)} (${lost >= 0 ? "+" : ""}${(100 * lost).toFixed(2)} points)`,
        );
        terminal.print(`run     ${run}`);
        terminal.print(`layers  ${layersPicture}`);
      },
      curveDrawn: (methods, picture) => terminal.print(`\n${curveLines(methods)}\ncurve   ${picture}`),
    },
  });
  terminal.print(`report  ${files.report}`);
  terminal.result({
    ...scoreJson(result, classes),
    ...{ run, checkpoint, annMeanIoU, layers, curve, files },
  });
}

function curveLines(methods: readonly MethodCurve[]): string {
  const timesteps = methods[0]?.points.map((point) => point.timesteps) ?? [];
  const rows = timesteps.map((t, i) => [
    String(t),
    ...methods.map(({ points }) => formatShare(points[i]!.scores.meanIoU)),
    ...methods.map(({ points }) => formatCount(Math.round(points[i]!.spikesPerExample))),
  ]);
  const names = methods.map(({ method }) => method);
  return formatTable([["timesteps", ...names, ...names.map((name) => `spikes, ${name}`)], ...rows]);
}
