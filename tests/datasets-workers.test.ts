/** Loader threads, which run the built JavaScript: the same batches as without threads, errors of the same class. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { folderTree, put, temporaryFolder } from "../src/datasets/fixtures/trees.js";
import { type Batch, createLoader, type DatasetSpec, type LoaderOptions } from "../src/datasets/index.js";
import { DataFormatError } from "../src/errors.js";

const built = existsSync(fileURLToPath(new URL("../dist/datasets/loader/loader-worker.js", import.meta.url)));
const base = temporaryFolder();
const root = join(base, "tree");

async function epochsOf(spec: DatasetSpec, options: LoaderOptions): Promise<Batch[]> {
  await using loader = await createLoader(spec, options);
  const batches: Batch[] = [];
  for (const epoch of [0, 1]) for await (const batch of loader.batches(epoch)) batches.push(batch);
  return batches;
}

beforeAll(() => folderTree(root, { count: 24 }));

describe.skipIf(!built)("loader threads (need the built package)", () => {
  it.each([
    [1, "geometric"],
    [2, "scale-crop"],
    [3, "geometric"],
  ] as const)("%i of them read the same batches as none, augmented by %s", async (workers, kind) => {
    const spec = { name: "folder", root, imgSize: [16, 24] } as const;
    const augment = { kind };
    const options = { split: "train", batchSize: 5, shuffle: true, seed: 3, augment };
    const expected = await epochsOf(spec, options);
    expect(expected).toHaveLength(10);
    expect(await epochsOf(spec, { ...options, workers })).toEqual(expected);
    expect(await epochsOf(spec, { ...options, workers, cacheBytes: 20_000 })).toEqual(expected);
  });

  it("compose the same digits", async () => {
    const spec = { name: "digits", imgSize: [16, 16], trainSize: 30 } as const;
    const options = { split: "train", batchSize: 8, shuffle: true };
    expect(await epochsOf(spec, { ...options, workers: 2 })).toEqual(await epochsOf(spec, options));
  });

  it("hand over errors with their class, then go on with the next batch", async () => {
    const tree = join(base, "damaged");
    folderTree(tree, { count: 4 });
    put(join(tree, "images/1.png"), "no picture");
    const spec = { name: "folder", root: tree, imgSize: [8, 8] } as const;
    await using loader = await createLoader(spec, { split: "train", batchSize: 1, workers: 2 });
    const batches = loader.batches(0);
    await batches.next();
    const failure = await batches.next().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataFormatError);
    expect((failure as Error).message).toMatch(/images\/1\.png/);
    const rest: Batch[] = [];
    for await (const batch of loader.batches(0, { start: 2 })) rest.push(batch);
    expect(rest.map(({ ids }) => ids[0])).toEqual(["images/2", "images/3"]);
  });

  it("end when the loader is closed in the middle of a pass, before the process does", async () => {
    const script = join(base, "close.mjs");
    const datasets = new URL("../dist/datasets/index.js", import.meta.url);
    put(
      script,
      `import { createLoader } from ${JSON.stringify(datasets)};
const spec = ${JSON.stringify({ name: "folder", root, imgSize: [8, 8] })};
const loader = await createLoader(spec, { split: "train", batchSize: 1, workers: 1 });
for await (const _ of loader.batches(0)) break;
await loader.close();
console.log("closed");`,
    );
    const { status, stdout } = spawnSync(process.execPath, [script], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "closed\n" });
  });

  it("may be closed in the middle of a pass of two", async () => {
    const loader = await createLoader(
      { name: "folder", root, imgSize: [8, 8] },
      { split: "train", batchSize: 1, workers: 2 },
    );
    for await (const _ of loader.batches(0)) break;
    await expect(loader.close()).resolves.toBeUndefined();
  });
});
