/**
 * Where the optional test material lies: a folder `shared` beside the checkout holds real data sets and golden
 * numbers. The product never needs it; tests that use it skip when it is not there.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a folder of the optional test material, or `undefined` where it is not at hand. */
export function sharedFolder(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../shared/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

export const sharedData: string | undefined = sharedFolder("data");
/** Golden cases elsewhere, where `npm run golden` names a folder. */
export const goldenFolder: string | undefined = process.env.SNNSEG_GOLDEN;
export const sharedGolden: string | undefined = goldenFolder ?? sharedFolder("golden");
