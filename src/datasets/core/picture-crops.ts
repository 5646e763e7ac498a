/** Examples that are cut from decoded pictures, anew each time, instead of from records at the network's size. */
import type { Augmentation, AugmentedExample } from "../prepare/augmentation.js";
import type { DecodedPicture, PictureStore, PreparedRecord } from "./record.js";

/** Picture files, and what becomes of them. */
export interface PictureFiles {
  decode(record: number): Promise<DecodedPicture>;
  /** All of it at the network's size. */
  prepare(decoded: DecodedPicture): PreparedRecord;
  /** A random part, changed, at the network's size. */
  part(
    decoded: DecodedPicture,
    change: { readonly augment: Augmentation; readonly seed: number },
  ): AugmentedExample;
}

export interface CropOptions {
  readonly augment: Augmentation;
  /** Keeps decoded pictures, as far as they fit. */
  readonly store: PictureStore | undefined;
}

export interface PictureCrops {
  whole(record: number): Promise<PreparedRecord>;
  part(record: number, seed: number): Promise<AugmentedExample>;
}

/** Examples of picture files that are decoded once, as far as `store` keeps them. */
export function pictureCrops(files: PictureFiles, { augment, store }: CropOptions): PictureCrops {
  const decoded = async (record: number): Promise<DecodedPicture> => {
    const known = store?.get(record);
    if (known !== undefined) return known;
    const made = await files.decode(record);
    store?.set(record, made);
    return made;
  };
  return {
    whole: async (record) => files.prepare(await decoded(record)),
    part: async (record, seed) => files.part(await decoded(record), { augment, seed }),
  };
}
