/**
 * PyTorch's ZIP format: `NAME/data.pkl` refers to storages `NAME/data/KEY`; `NAME/byteorder` says how these are stored.
 *
 * @see the comments of torch/serialization.py and caffe2/serialize/inline_container.h
 */

import { elementBytes } from "../../arrays/index.js";
import { DataFormatError } from "../../errors.js";
import { PickleCursor } from "./pickle-cursor.js";
import { runPickle } from "./pickle-instructions.js";
import type { PickleValue } from "./pickle-value.js";
import { torchNames } from "./torch-names.js";
import { readStorageId } from "./torch-persistent.js";
import { resolveValue } from "./torch-resolve.js";
import type { TorchStorage } from "./torch-storage.js";
import { openZip, type ZipArchive } from "./zip-read.js";

/**
 * The value saved in an archive.
 *
 * @throws DataFormatError as {@link readPytorch} does
 */
export function parseTorchArchive(archive: Uint8Array<ArrayBuffer>, path: string): PickleValue {
  const zip = openZip(archive, path);
  const folder = locateFolder(zip, path);
  const bigEndian = readByteOrder(zip, { folder, path });
  const pickle = zip.read(`${folder}data.pkl`);
  const checkSize = (storage: TorchStorage): TorchStorage => {
    const expected = storage.length * (storage.dtype === undefined ? 1 : elementBytes(storage.dtype));
    const found = zip.size(`${folder}data/${storage.key}`);
    if (found === expected) return storage;
    throw new DataFormatError(
      `read ${path}: expected ${expected} bytes of storage ${JSON.stringify(storage.key)}, received ${found ?? "no such entry"}; the file is damaged`,
    );
  };
  const root = runPickle(new PickleCursor(pickle, { source: `${path} (${folder}data.pkl)` }), {
    names: torchNames,
    persistent: (id, machine) => checkSize(readStorageId(id, machine)),
  });
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  const bytes = ({ key }: TorchStorage) => {
    const content = contents.get(key) ?? zip.read(`${folder}data/${key}`);
    contents.set(key, content);
    return content;
  };
  return resolveValue(root, {
    source: { path, fileBytes: archive.length, bigEndian, bytes },
    pickleBytes: pickle.length,
  });
}

/** The folder that holds `data.pkl`, with its slash. */
function locateFolder(zip: ZipArchive, path: string): string {
  const pickles = zip.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const folder = pickles[0]?.slice(0, -"data.pkl".length);
  if (pickles.length !== 1 || folder === undefined) {
    throw new DataFormatError(
      `read ${path}: expected an archive of torch.save with one data.pkl, received ${pickles.length} among ` +
        `${zip.names.length} entries; save it again with torch.save(model.state_dict(), path)`,
    );
  }
  if (zip.has(`${folder}constants.pkl`)) {
    throw new DataFormatError(
      `read ${path}: expected tensors, received a TorchScript program; save its state_dict with torch.save instead`,
    );
  }
  return folder;
}

function readByteOrder(zip: ZipArchive, { folder, path }: { folder: string; path: string }): boolean {
  const name = `${folder}byteorder`;
  if (!zip.has(name)) return false;
  const order = Buffer.from(zip.read(name)).toString("latin1");
  if (order === "little" || order === "big") return order === "big";
  throw new DataFormatError(
    `read ${path}: expected the byte order "little" or "big", received ${JSON.stringify(order.slice(0, 20))}; the file is damaged`,
  );
}
