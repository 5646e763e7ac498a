import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Finished, processTimeout, snnseg, snnsegInside } from "../cli/snnseg.js";
import { writeTinyData } from "../cli/tiny-data.js";
import {
  anyTraining,
  digits,
  freePort,
  obstacle,
  type RankStart,
  rankOf,
  spiking,
} from "./rank-processes.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-rank-set-up-"));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;
const freshRun = () => join(folder, `run-${++runs}`);
const dataOf = (name: string, train: number) => [
  ...["--dataset", "folder", "--root", writeTinyData(join(folder, name), { train })],
];
const short = ["--rank-timeout", "10"];
/** All lines, which shall be one. */
const lines = ({ err }: Finished) => err.trim().split("\n");

/** A set-up that cannot work: for each rank its own words or variables. */
interface WrongSetUp {
  readonly name: string;
  readonly world?: number;
  readonly ranks: readonly {
    readonly rank: number;
    readonly words?: readonly string[];
    /** The data set (default: digits). */
    readonly data?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly says: RegExp;
  }[];
}

const wrong: readonly WrongSetUp[] = [
  {
    name: "a rank beyond the world",
    ranks: [{ rank: 2, says: /expected RANK from 0 to 1, as WORLD_SIZE is 2, received 2/ }],
  },
  {
    name: "more ranks than examples of a batch",
    ranks: [
      {
        rank: 0,
        words: ["--batch-size", "1"],
        says: /expected an example of every batch for each of 2 ranks, received --batch-size 1; raise it/,
      },
    ],
  },
  {
    name: "a rank 0 that never starts",
    ranks: [
      {
        rank: 1,
        words: short,
        says: /expected rank 0 at localhost:\d+ within 10 s, received Connection refused/,
      },
    ],
  },
  {
    name: "a machine that nobody knows",
    ranks: [
      {
        rank: 1,
        words: short,
        env: { MASTER_ADDR: "no.such.machine.invalid" },
        says: /no\.such\.machine\.invalid:\d+ within 10 s, received /,
      },
    ],
  },
  {
    name: "rank 0 on another machine than MASTER_ADDR's",
    ranks: [
      {
        rank: 0,
        env: { MASTER_ADDR: "192.0.2.1" },
        says: /expected MASTER_ADDR to be this machine's, as rank 0 runs here, received 192\.0\.2\.1/,
      },
    ],
  },
  {
    name: "a rank that never starts",
    ranks: [{ rank: 0, words: short, says: /expected 2 ranks within 10 s, received no word of rank 1/ }],
  },
  {
    name: "other options",
    ranks: [
      { rank: 0, says: /expected the same --lr on all ranks, received 0.001 on rank 0 and 0.002 on rank 1/ },
      { rank: 1, words: ["--lr", "0.002"], says: /same --lr on all ranks/ },
    ],
  },
  {
    name: "other data",
    ranks: [
      {
        rank: 0,
        data: dataOf("a", 6),
        says: /expected the same number of training examples on all ranks, received 6 on rank 0 and 5 on rank 1/,
      },
      { rank: 1, data: dataOf("b", 5), says: /same number of training examples/ },
    ],
  },
  {
    name: "other worlds",
    ranks: [
      { rank: 0, says: /same WORLD_SIZE on all ranks, received 2 on rank 0 and 3 on rank 1/ },
      { rank: 1, env: { WORLD_SIZE: "3" }, says: /same WORLD_SIZE/ },
    ],
  },
  {
    name: "a rank of a larger world",
    ranks: [
      { rank: 0, words: short, says: /received no word of rank 1/ },
      {
        rank: 2,
        env: { WORLD_SIZE: "3" },
        says: /expected ranks from 0 to 1, as WORLD_SIZE is 2 on rank 0, received rank 2 of 3/,
      },
    ],
  },
];

// Side by side, as some wait ten seconds for what never comes.
describe
  .skipIf(obstacle !== "")
  .concurrent(`a wrong set-up of ranks${obstacle}`, { timeout: processTimeout }, () => {
    const words = (data = digits) => [...anyTraining, ...spiking, ...data, "--run", freshRun()];

    async function refused({ name, ranks }: WrongSetUp): Promise<void> {
      const port = await freePort();
      const began = performance.now();
      const ends = await Promise.all(
        ranks.map(({ rank, words: own = [], data, env = {} }) =>
          rankOf(rank, [...words(data), ...own], { world: 2, port, env }),
        ),
      );
      expect(performance.now() - began, name).toBeLessThan(30_000);
      for (const [n, { says }] of ranks.entries()) {
        const end = ends[n]!;
        expect(lines(end), name).toEqual([expect.stringMatching(says)]);
        expect(end.code, name).toBe(2);
      }
    }

    /** One process, or some that wait for what never comes: the seconds pass side by side. */
    const isCheap = ({ ranks }: WrongSetUp) =>
      ranks.length === 1 || ranks.some(({ words }) => words === short);

    it("of one rank, or without another, is refused by name within 30 seconds", async () => {
      await Promise.all(wrong.filter(isCheap).map(refused));
    });

    it.each(wrong.filter((each) => !isCheap(each)))("is refused by name within 30 seconds: $name", refused);

    it("is a port that another program has, and that another training has", async () => {
      const server = createServer((_, answer) => answer.end("no store"));
      await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
      const { port } = server.address() as AddressInfo;
      const [first, second] = await Promise.all(
        [0, 1].map((rank) => rankOf(rank, words(), { world: 2, port })),
      );
      server.close();
      // Before the second's line newer libtorch logs lines of its own about what answered there.
      expect(lines(first!)).toHaveLength(1);
      expect(lines(first!).at(-1)).toMatch(/expected to listen at port \d+, which is taken/);
      expect(lines(second!).at(-1)).toMatch(/expected rank 0 of this training at localhost:\d+/);

      const taken = await freePort();
      const run = freshRun();
      const ranks: ChildProcess[] = [];
      const job = (rank: number, name: string, onStart?: RankStart["onStart"]) =>
        rankOf(
          rank,
          [...words(), "--run", run, "--epochs", "5000", "--eval-every", "5000", "--save-every", "2"],
          {
            world: 2,
            port: taken,
            env: { TORCHELASTIC_RUN_ID: name },
            ...(onStart && { onStart }),
          },
        );
      const good = [0, 1].map((rank) => job(rank, "one", (child) => ranks.push(child)));
      while (!existsSync(join(run, "checkpoints/last.safetensors")))
        await new Promise((resolve) => setTimeout(resolve, 50));
      // The other waits for it from now on, and leaves the cores to those that are to be refused.
      process.kill(ranks[1]!.pid!, "SIGSTOP");
      const [zero, one, twin] = await Promise.all([job(0, "two"), job(1, "two"), job(1, "one")]);
      expect([zero, one, twin].map((end) => lines(end!).length)).toEqual([1, 1, 1]);
      expect(lines(zero!).at(-1)).toMatch(/port \d+, which is taken; another training/);
      expect(lines(one!).at(-1)).toMatch(
        /expected job two at localhost:\d+, received one, which has the port/,
      );
      expect(lines(twin!).at(-1)).toMatch(
        /expected one process of rank 1 at localhost:\d+, received a second one/,
      );
      for (const child of ranks) child.kill("SIGKILL");
      await Promise.all(good);
    });

    it("is more processes than examples of a batch, of which none is started", async () => {
      const end = await snnsegInside([...words(), "--nproc", "1000000"]);
      expect(end).toMatchObject({ code: 2, err: expect.stringContaining("each of 1000000 ranks") });
    });

    it("is a time that nobody waits", async () => {
      const end = await snnsegInside([...words(), "--nproc", "2", "--rank-timeout", "1e99"]);
      expect(end).toMatchObject({ code: 2, err: expect.stringContaining("seconds from 10 to 86400") });
    });

    it("is --nproc inside of a launcher", async () => {
      const end = await rankOf(0, [...words(), "--nproc", "2"], { world: 2, port: await freePort() });
      expect(end).toMatchObject({ code: 2 });
      expect(end.err).toMatch(/--nproc: expected no launcher around this process/);
    });
  });

// After the others, which have seconds to keep.
describe.skipIf(obstacle !== "")(
  `what --nproc says of a failure${obstacle}`,
  { timeout: processTimeout },
  () => {
    it("is wrong usage where a folder holds a run, whichever process says so first", async () => {
      const run = freshRun();
      const once = [
        ...anyTraining,
        ...spiking,
        ...digits,
        "--run",
        run,
        "--epochs",
        "1",
        "--eval-every",
        "1",
      ];
      expect((await snnsegInside(once)).code).toBe(0);
      const end = await snnseg([...once, "--nproc", "2"]);
      expect(lines(end).at(-1)).toMatch(/^error: rank 0: --run: expected a folder without a run/);
      expect(end.code).toBe(2);
    });

    it("is told once, by rank 0", async () => {
      const data = dataOf("damaged", 6);
      // Of the part whose labels rank 1 counts.
      writeFileSync(join(folder, "damaged/masks/train-5.png"), "no picture");
      const end = await snnseg([...anyTraining, ...spiking, ...data, "--run", freshRun(), "--nproc", "2"]);
      expect(end.code).toBe(1);
      const errors = lines(end).filter((line) => line.includes("error:"));
      expect(errors).toEqual([expect.stringMatching(/^error: rank 0: rank 1: decode .*train-5.png/)]);
    });
  },
);
