/** Times contestants in turn, so that whatever else the machine does hurts all alike. */
import { clockGHz } from "./clock.mjs";
import { Contestant } from "./contestant.mjs";

/** glibc then gives every larger block back at once, so that resident memory is what is held. It costs time. */
const exactMemory = { MALLOC_MMAP_THRESHOLD_: "65536", MALLOC_TRIM_THRESHOLD_: "65536" };

/**
 * @param works - such as "infer" and "step"
 * @returns of every contestant and way the medians of `rounds` rounds after one warm-up, and the peak of memory
 */
export async function compete(entries, { works, rounds, note }) {
  const contestants = [];
  try {
    for (const entry of entries) {
      note(`setting up ${entry.name}`);
      contestants.push(await Contestant.start(entry));
    }
    const runs = runsOf(works, { entries, contestants });
    await takeTurns(runs, { rounds, note });
    for (const contestant of contestants) contestant.stop();
    for (const run of runs) {
      note(`memory, ${wayWords(run.way)} ${run.entry.name}`);
      run.peakBytes = await peakMemory(run);
    }
    const skipped = contestants.filter(({ about }) => about.skipped);
    return {
      results: runs.map(resultOf),
      skipped: skipped.map(({ name, about }) => ({ name, why: about.skipped })),
    };
  } finally {
    for (const contestant of contestants) contestant.stop();
  }
}

/** What is to be timed: work by work, the ways of each contestant. */
function runsOf(works, { entries, contestants }) {
  return works.flatMap((work) =>
    contestants.flatMap((contestant, i) =>
      (contestant.about.ways ?? [])
        .filter((way) => way.work === work)
        .map((way) => ({ entry: entries[i], contestant, way, samples: [] })),
    ),
  );
}

async function takeTurns(runs, { rounds, note }) {
  for (let round = 0; round <= rounds; round++) {
    for (const { contestant, way, samples } of runs) {
      note(`${round === 0 ? "warming up" : `round ${round}`}, ${wayWords(way)} ${contestant.name}`);
      const clock = clockGHz();
      const sample = await contestant.run(way);
      if (round > 0) samples.push({ ...sample, clock });
    }
  }
}

function resultOf({ entry, contestant, way, samples, peakBytes }) {
  const of = (key) => median(samples.map((sample) => sample[key]));
  const times = { ms: of("ms"), cpuMs: of("cpuMs"), clockGHz: of("clock") };
  return { ...entry.label, ...way, ...times, peakBytes, about: contestant.about };
}

/** How far a second run's peak is above a process that is set up and has not worked, in bytes. */
async function peakMemory({ entry: { name, command, memoryCommand = command, env }, way }) {
  const contestant = await Contestant.start({
    name,
    command: memoryCommand,
    env: { ...env, ...exactMemory },
  });
  try {
    await contestant.run(way);
    return (await contestant.run(way)).peakBytes;
  } finally {
    contestant.stop();
  }
}

function wayWords({ work, precision }) {
  return [work, precision].filter(Boolean).join(" ");
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
