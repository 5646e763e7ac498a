/** Images a second that are read and prepared, and how long training waits for them. */
import { createLoader, type DatasetSpec, type Loader, openDataset } from "../datasets/index.js";

export type LoaderVariant = { readonly workers: number; readonly batchSize: number };
/** Of a first epoch, which reads files, and of a later one, which finds all in the cache. */
export type Epochs = { readonly first: number; readonly cached: number };

/** The split, and how many of its images are read at least. */
export type Pass = { readonly split: string; readonly images: number };

/** Images a second that a plain loop over a split reads. */
export async function loopSpeed(spec: DatasetSpec, { split, images }: Pass): Promise<number> {
  const dataset = await openDataset(spec, split);
  const count = Math.min(images, dataset.length);
  const start = performance.now();
  for (let i = 0; i < count; i++) await dataset.read(i, { seed: 0, epoch: 0 });
  return (1000 * count) / (performance.now() - start);
}

/** Images a second of a loader, whose threads run already. */
export async function loaderSpeed(
  spec: DatasetSpec,
  { split, images, batchSize, workers }: Pass & LoaderVariant,
): Promise<Epochs> {
  await using loader = await createLoader(spec, { split, batchSize, workers });
  // Threads start before the clock does.
  for await (const _ of loader.batches(0, { start: loader.batchCount - 1 })) break;
  const speed = async (epoch: number) => {
    const start = performance.now();
    const count = await readImages(loader, { epoch, images, each: () => undefined });
    return (1000 * count) / (performance.now() - start);
  };
  return { first: await speed(0), cached: await speed(1) };
}

/** Share of the time that steps of `stepMs` wait for batches; a step blocks this thread, as training does. */
export async function waitingShares(
  spec: DatasetSpec,
  { split, images, batchSize, workers, stepMs }: Pass & LoaderVariant & { readonly stepMs: number },
): Promise<Epochs> {
  await using loader = await createLoader(spec, { split, batchSize, workers });
  const never = new Int32Array(new SharedArrayBuffer(4));
  const share = async (epoch: number) => {
    await readImages(loader, { epoch, images, each: () => Atomics.wait(never, 0, 0, stepMs) });
    return loader.waitingShare();
  };
  return { first: await share(0), cached: await share(1) };
}

/** At least so many images, where there are; how many it were. */
async function readImages(
  loader: Loader,
  { epoch, images, each }: { readonly epoch: number; readonly images: number; readonly each: () => unknown },
): Promise<number> {
  let count = 0;
  for await (const { ids } of loader.batches(epoch)) {
    each();
    count += ids.length;
    if (count >= images) break;
  }
  return count;
}
