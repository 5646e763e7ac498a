/**
 * Ours and the peers in one table: `node bench/peers/compare.mjs --help`. Needs a checkout that is set up (`scripts/setup`)
 * and, for the peers, a Python with PyTorch (`bench/peers/setup`).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machine } from "../../dist/benchmarks/index.js";
import { parseOptions } from "./options.mjs";
import { compete } from "./rounds.mjs";
import { tableOf, withRatios } from "./table.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const tiny = { batchSize: 2, timesteps: 2, imgSize: [16, 16], threads: 1 };

const options = parseOptions();
const folder = mkdtempSync(join(tmpdir(), "snnseg-peers-"));
const tensors = join(folder, "network.safetensors");
try {
  if (options.check) process.exitCode = check();
  else await compare();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check() {
  writeTensors({ ...tiny, reference: true });
  const exact = options.peers.filter((peer) => !peer.endsWith("bf16"));
  return spawnSync(options.python, [here("check.py"), tensors, ...exact], { stdio: "inherit" }).status ?? 1;
}

async function compare() {
  const { batchSize, timesteps, imgSize, rounds } = options;
  const setting = { batchSize, timesteps, imgSize };
  const load = loadavg()[0];
  writeTensors({ ...setting, threads: 1 });
  for (const LIBTORCH of options.libtorch)
    execFileSync(here("../../scripts/setup"), { env: { ...process.env, LIBTORCH } });
  const works = options.work ? [options.work] : ["infer", "step"];
  const rows = [];
  const skipped = new Map();
  for (const threads of options.threads) {
    const note = (words) => process.stderr.write(`${threads} threads, ${words}\n`);
    const outcome = await compete(entriesOf({ ...setting, threads }), { works, rounds, note });
    rows.push(
      ...withRatios(
        outcome.results.map((row) => ({ threads, ...row })),
        batchSize,
      ),
    );
    for (const { name, why } of outcome.skipped) skipped.set(name, why);
  }
  const { machine: words, instructions, date } = machine();
  const heading = `DL-VGG9, T = ${timesteps}, batch ${batchSize}, ${imgSize.join("x")}, medians of ${rounds}; ${words}, kernels ${instructions}`;
  const print = (line) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  print(`${heading}, load before ${load.toFixed(1)}\n\n${tableOf(rows)}`);
  for (const [name, why] of skipped) print(`${name}: left out, ${why}`);
  if (!options.json) return;
  const result = {
    benchmark: "peers",
    ...setting,
    rounds,
    machine: words,
    load,
    date,
    rows,
    skipped: [...skipped],
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** The peers work on our weights and our input. */
function writeTensors(setting) {
  execFileSync("node", [here("ours.mjs"), JSON.stringify({ ...setting, write: tensors })]);
}

/** Of every contestant the command, and what its rows say. The peers' time does not depend on density. */
function entriesOf(setting) {
  const { threads } = setting;
  const peers = options.peers.map((peer) => ({
    name: peer,
    label: { who: peer },
    command: [options.python, here("peer.py"), JSON.stringify({ peer, tensors, threads })],
  }));
  const ours = [undefined, ...options.libtorch].flatMap((LIBTORCH) =>
    options.density.map((density) => ({
      name: `ours at ${100 * density} %`,
      label: { who: "ours", density },
      command: ["node", here("ours.mjs"), JSON.stringify({ ...setting, density })],
      // Forcing a density leaves memory behind that the work would then seem not to need. Ours does not depend on it.
      memoryCommand: ["node", here("ours.mjs"), JSON.stringify(setting)],
      env: LIBTORCH === undefined ? {} : { LIBTORCH },
    })),
  );
  return [...peers, ...ours];
}
