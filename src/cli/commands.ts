/** All commands. A command's module is imported only when it is called, so that help and errors come at once. */
import type { Command } from "commander";
import type { CommandContext } from "./context.js";

/** Declares a command's arguments, options and action. */
export type DefineCommand = (command: Command, context: CommandContext) => void;

export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  /** It will need libtorch, which then loads beside the command's modules. */
  readonly engine?: true;
  readonly load: () => Promise<{ readonly define: DefineCommand }>;
};

export const commands: readonly CommandEntry[] = [
  { name: "train", engine: true, summary: "train a network", load: () => import("./train/train.js") },
  { name: "eval", engine: true, summary: "score a trained network", load: () => import("./eval.js") },
  {
    name: "predict",
    engine: true,
    summary: "segment your own pictures and recordings with a trained network",
    load: () => import("./predict/predict.js"),
  },
  {
    name: "convert",
    engine: true,
    summary: "turn a trained ANN into a spiking network",
    load: () => import("./convert/convert.js"),
  },
  {
    name: "export",
    engine: true,
    summary: "write a trained network for other programs",
    load: () => import("./export.js"),
  },
  {
    name: "energy",
    engine: true,
    summary: "count spikes and operations, and what they would cost",
    load: () => import("./energy.js"),
  },
  {
    name: "robustness",
    engine: true,
    summary: "score runs under noise, attacks and other disturbances",
    load: () => import("./robustness.js"),
  },
  {
    name: "report",
    summary: "show several runs side by side in one HTML file",
    load: () => import("./report.js"),
  },
  {
    name: "data",
    summary: "look at data sets and recordings, make lists, prepare",
    load: () => import("./data/data.js"),
  },
  { name: "bench", summary: "time this machine's kernels", load: () => import("./bench/bench.js") },
  {
    name: "demo",
    engine: true,
    summary: "watch a spiking network learn in minutes",
    load: () => import("./demo.js"),
  },
  {
    name: "checkpoint",
    summary: "look at weights, import, export, migrate and compare them",
    load: () => import("./checkpoint/checkpoint.js"),
  },
  { name: "runs", summary: "list the trained runs", load: () => import("./runs.js") },
  { name: "serve", summary: "watch runs on a local page while they train", load: () => import("./serve.js") },
  { name: "models", summary: "list the architectures, or describe one", load: () => import("./models.js") },
  { name: "setup", summary: "set up what is missing on this machine", load: () => import("./setup.js") },
];
