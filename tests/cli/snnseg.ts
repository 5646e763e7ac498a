/** Runs the built command line as a user does, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runCommand } from "../saved-network.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** The command line must be built first; `npm test` does. */
export const isBuilt = existsSync(main);

/** For tests that start several processes, on a machine that others use too. */
export const processTimeout = 240_000;

export type Finished = { readonly code: number | null; readonly out: string; readonly err: string };

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Limits the size of files that may be written, in KiB, as `ulimit -f` does. */
  readonly fileLimitKib?: number;
  /** Called when the process runs, to signal it. */
  readonly onStart?: (child: ChildProcess) => void;
};

/** Runs `snnseg` with these words to its end. */
export function snnseg(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd, env, fileLimitKib, onStart } = options;
  const limit = fileLimitKib === undefined ? "" : `ulimit -f ${fileLimitKib}; `;
  const child = spawn("bash", ["-c", `${limit}exec "$0" "$@"`, process.execPath, main, ...words], {
    cwd,
    env: { ...process.env, ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (piece) => {
    out += piece;
  });
  child.stderr.on("data", (piece) => {
    err += piece;
  });
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/**
 * Runs `snnseg` in this process: a second less for each call, as Node.js, the modules and libtorch are loaded already. For
 * tests about what a command says and does, not about how its process starts, ends or is told to.
 */
export function snnsegInside(words: readonly string[]): Promise<Finished> {
  return runCommand(...words);
}

/** Runs `snnseg` and sends it `signal` as soon as `when` holds. */
export function snnsegStopped(
  words: readonly string[],
  { signal, when }: { readonly signal: NodeJS.Signals; readonly when: () => boolean },
): Promise<Finished> {
  return snnseg(words, {
    onStart: (child) => {
      const watch = setInterval(() => {
        if (!when()) return;
        clearInterval(watch);
        child.kill(signal);
      }, 5);
      child.on("close", () => clearInterval(watch));
    },
  });
}

/** The JSON object on the last line of standard output. */
export function lastJson({ out, err }: Finished): Record<string, unknown> {
  const line = out.trimEnd().split("\n").at(-1) ?? "";
  if (!line.startsWith("{"))
    throw new Error(`expected JSON on the last line, received ${line}; stderr: ${err}`);
  return JSON.parse(line) as Record<string, unknown>;
}
