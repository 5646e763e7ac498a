import { availableParallelism } from "node:os";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { libtorchVersion, parallelBackend } from "../engine/index.js";
import { runProgram } from "./program.js";

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const code = await runProgram(argv, streams);
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? "";
  return { code, out: textOf(streams.out), err: textOf(streams.err) };
}

describe("the program", () => {
  it("lists the commands", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    for (const name of ["train", "eval", "demo", "models"])
      expect(out).toMatch(new RegExp(`^  ${name}`, "m"));
  });

  it("names the versions of snnseg and libtorch, and the parallel back end", async () => {
    const { code, out } = await run("--version");
    expect(code).toBe(0);
    for (const fact of [
      /^snnseg +\d/m,
      /^libtorch +\d+\.\d+/m,
      /^parallel +\w/m,
      /^instructions +\w/m,
      /^exchange +\w/m,
    ]) {
      expect(out).toMatch(fact);
    }
    const facts = JSON.parse((await run("--json", "--version")).out) as Record<string, unknown>;
    expect(facts).toMatchObject({ libtorch: libtorchVersion(), parallel: parallelBackend() });
    expect(facts.threads).toBe(availableParallelism());
  });

  it("shows a command's options with their defaults", async () => {
    const { out } = await run("train", "--help");
    expect(out).toMatch(/--timesteps <N>\s+timesteps T per example \(default: 20\)/);
    expect(out).toContain("--no-batch-norm");
    expect((await run("help", "train")).out).toBe(out);
  });

  it.each([
    [["trian"], /unknown command 'trian'.*train/],
    [["train", "--timestep", "4"], /unknown option '--timestep'.*--timesteps/],
    [["train", "--arch"], /argument missing/],
    [["train", "--dataset", "digits", "--arch", "dl-vgg7"], /did you mean dl-vgg9\?/],
    [["train", "--dataset", "digits", "--img-size", "0"], /--img-size: expected a side.*received 0/],
    [["train", "--preset", "quik"], /did you mean quick\?/],
    [["train", "extra"], /too many arguments/],
  ])("answers %j with one line and exit code 2", async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});
