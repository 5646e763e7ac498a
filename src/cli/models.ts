/** `snnseg models`: the architectures, or one of them layer by layer. */
import type { Command } from "commander";
import { suggestion } from "../checks/index.js";
import { type ConfigKey, type ResolvedConfig, resolveConfig } from "../config/index.js";
import { OptionError } from "../errors.js";
import { architectureName, architectureNames, layerTable, type ModelConfig } from "../models/index.js";
import { modelConfigOf } from "../training/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, givenFlags } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";
import { positiveInteger } from "./flags/positive-integer.js";
import { formatCount, formatTable } from "./lines/format.js";

const flags: readonly ConfigKey[] = ["model", "imgSize", "timesteps", "batchNorm", "kernelSize"];

type Words = { readonly inputChannels: number; readonly numClasses: number };

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "models",
    "models fcn-vgg16 --img-size 256 --num-classes 21",
    "models dl-vgg9 --model ann --json",
  );
  command
    .description(
      "Lists the architectures, or describes one: layers, shapes, parameters, operations per timestep.",
    )
    .argument("[name]", `one of ${architectureNames.join(", ")}`);
  addConfigFlags(command, flags)
    .option("--input-channels <N>", "channels of the input", positiveInteger, 3)
    .option("--num-classes <N>", "classes", positiveInteger, 21)
    .action((name: string | undefined, words: Words) => {
      const terminal = context.terminal();
      const { config } = resolved(command, name);
      if (name !== undefined) {
        const described = describe(config, words);
        terminal.print(asText(described));
        terminal.result(described);
        return;
      }
      const models = architectureNames.map((arch) => summary({ ...config, arch }, words));
      terminal.print(listText(models));
      terminal.print("\nEach as --model snn and as --model ann; snnseg models NAME shows the layers.");
      terminal.result({ models });
    });
}

function resolved(command: Command, name: string | undefined): ResolvedConfig {
  if (name !== undefined && !architectureNames.some((known) => known === name)) {
    throw new OptionError(
      `models: expected an architecture, received ${name}; ${suggestion(name, architectureNames)}`,
    );
  }
  const given = givenFlags(command, flags);
  const words = { dataset: "digits", ...(name === undefined ? {} : { arch: name }) };
  return resolveConfig([{ ...given, values: { ...words, ...given.values } }]);
}

function describe(config: ResolvedConfig["config"], { inputChannels, numClasses }: Words) {
  const model: ModelConfig = modelConfigOf(config, { inputChannels, numClasses });
  const { imgSize } = config;
  const layers = layerTable(model, imgSize);
  return {
    name: architectureName(model.arch),
    model: model.kind,
    imgSize,
    inputChannels,
    numClasses,
    timesteps: model.kind === "snn" ? model.timesteps : 1,
    parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
    macsPerTimestep: layers.reduce((sum, layer) => sum + layer.macs, 0),
    layers,
  };
}

function summary(config: ResolvedConfig["config"], words: Words) {
  const { layers, ...rest } = describe(config, words);
  return { ...rest, convolutions: layers.filter(({ macs }) => macs > 0).length };
}

function asText(described: ReturnType<typeof describe>): string {
  const { name, model, imgSize, inputChannels, numClasses, timesteps, layers } = described;
  const rows = layers.map(({ name, kind, shape, parameters, macs }) => [
    name,
    kind,
    shape.join(" x "),
    formatCount(parameters),
    formatCount(macs),
  ]);
  const totals = ["total", "", "", formatCount(described.parameters), formatCount(described.macsPerTimestep)];
  const time = model === "snn" ? `, ${timesteps} timesteps` : "";
  return [
    `${name}, ${model}, input ${inputChannels} x ${imgSize.join(" x ")}, ${numClasses} classes${time}`,
    formatTable([["layer", "kind", "output C x H x W", "parameters", "MACs per timestep"], ...rows, totals], {
      left: 2,
    }),
  ].join("\n");
}

function listText(models: readonly ReturnType<typeof summary>[]): string {
  const first = models[0]!;
  const rows = models.map(({ name, convolutions, parameters, macsPerTimestep }) => [
    name,
    String(convolutions),
    formatCount(parameters),
    formatCount(macsPerTimestep),
  ]);
  const heading = `${first.model}, input ${first.inputChannels} x ${first.imgSize.join(" x ")}, ${first.numClasses} classes`;
  return `${heading}\n${formatTable([["name", "convolutions", "parameters", "MACs per timestep"], ...rows])}`;
}
