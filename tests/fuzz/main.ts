/**
 * Many random calls, each in a child process that may die: what it ran last stands in a file, and another child goes on
 * with the next call. Started by scripts/fuzz-operators.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeCall, operators, programOf, runCall } from "./calls.js";

/** Calls of one child, so that a sanitizer's shadow of old memory does not grow without end. */
const callsOfChild = 1000;
/** A call that takes longer hangs. */
const patienceMs = 120_000;

interface Tally {
  value: number;
  error: number;
  unmade: number;
  failure: number;
  crash: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, from: { type: "string" }, child: { type: "string" } },
});
const seed = Number(values.seed ?? 1);
const from = Number(values.from ?? 0);
const calls = Number(positionals[0] ?? 20_000);

if (values.child === undefined) await driveChildren();
else runCalls(values.child);

/** The child: its tally goes to standard output, what it is at to the file. */
function runCalls(progress: string): void {
  const file = openSync(progress, "w");
  const tally: Tally = { value: 0, error: 0, unmade: 0, failure: 0, crash: 0 };
  for (let index = from; index < from + calls; index++) {
    const call = makeCall(seed, index);
    writeSync(file, JSON.stringify({ index, tally }).padEnd(200), 0);
    const outcome = runCall(call);
    tally[outcome.kind]++;
    if (outcome.kind === "failure") console.error(`call ${index}: ${outcome.why}\n${programOf(call)}\n`);
  }
  writeSync(file, JSON.stringify({ index: from + calls, tally }).padEnd(200), 0);
  closeSync(file);
}

async function driveChildren(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "snnseg-fuzz-"));
  const progress = join(folder, "progress.json");
  const total: Tally = { value: 0, error: 0, unmade: 0, failure: 0, crash: 0 };
  const started = Date.now();
  for (let next = from; next < from + calls; ) {
    const count = Math.min(callsOfChild, from + calls - next);
    const died = await runChild(progress, next, count);
    const { index, tally } = JSON.parse(readFileSync(progress, "utf8")) as { index: number; tally: Tally };
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
    next = index;
    if (died !== undefined) {
      total.crash++;
      console.error(`call ${index}: the process ended with ${died}\n${programOf(makeCall(seed, index))}\n`);
      next++;
    }
    process.stderr.write(
      `${next - from} of ${calls} calls, ${total.crash} crashes, ${total.failure} failures\n`,
    );
  }
  rmSync(folder, { recursive: true });
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `fuzz-operators: seed ${seed}, ${calls} calls of ${operators().length} operators in ${seconds} s: ${total.value} values, ` +
      `${total.error} errors, ${total.unmade} with arguments that libtorch refused to make; ${total.crash} crashes, ${total.failure} failures`,
  );
  process.exitCode = total.crash + total.failure > 0 ? 1 : 0;
}

/** Resolves to how the child died, or to nothing. */
function runChild(progress: string, first: number, count: number): Promise<string | undefined> {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(
    process.execPath,
    [self, String(count), "--seed", String(seed), "--from", String(first), "--child", progress],
    { stdio: "inherit" },
  );
  let seen = "";
  const watch = setInterval(() => {
    const now = readFileSync(progress, "utf8");
    if (now === seen) child.kill("SIGKILL");
    seen = now;
  }, patienceMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`));
    });
  });
}
