/** HDF5 files as bytes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { fileError, readFileBytes } from "../files/index.js";
import { fileLengths } from "./hdf5-cut.js";
import { answerOf, longestSilenceMs, returnThread, takeThread } from "./hdf5-thread.js";
import type { Hdf5Request, Hdf5Set } from "./hdf5-worker.js";

/** A group's members by name: other groups, and data sets. */
export type Hdf5Tree = ReadonlyMap<string, Hdf5Tree | Hdf5Set>;

/**
 * The bytes of an HDF5 file. The library writes only files, so they stand in the system's temporary folder meanwhile.
 *
 * @param tree - of the file; names hold no `/`
 * @throws FileError if there is no room for them
 */
export async function writeHdf5(tree: Hdf5Tree): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), "snnseg-hdf5-")).catch((error: unknown) => {
    throw fileError(error, { operation: "write HDF5", expected: "a folder for temporary files" });
  });
  try {
    const path = join(folder, "file.h5");
    await writeTree(path, tree);
    // The library does not tell of a full disk, but then the file is shorter than it states.
    const { real, stated } = await fileLengths(path);
    if (real === stated) return await readFileBytes(path);
    throw unwritten(`${real} of ${stated} bytes`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeTree(path: string, tree: Hdf5Tree): Promise<void> {
  const worker = await takeThread(path);
  const ask = async (request: Hdf5Request) => {
    const reply = await answerOf(worker, request, { computingMs: longestSilenceMs });
    if (reply && "value" in reply) return;
    await worker.terminate();
    throw unwritten(reply && "trapped" in reply ? reply.trapped : "no answer of the HDF5 library");
  };
  const fill = async (group: string, members: Hdf5Tree): Promise<void> => {
    for (const [member, value] of members) {
      const name = group === "" ? member : `${group}/${member}`;
      if ("data" in value) await ask({ kind: "put", name, set: value });
      else {
        await ask({ kind: "group", name });
        await fill(name, value);
      }
    }
  };
  await ask({ kind: "create", path });
  await fill("", tree);
  if (!(await returnThread(worker))) throw unwritten("a file that does not close");
}

const unwritten = (received: string) =>
  new FileError(
    `write HDF5: expected the file to be written to ${tmpdir()}, received ${received}; make room there or set TMPDIR`,
  );
