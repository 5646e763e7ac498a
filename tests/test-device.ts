/** Where tests of fused operators compute: the CPU, or the device of scripts/test-device. */
import { hasFusedOperators, type Tensor, toDevice } from "../src/engine/index.js";

/** `cpu` or a GPU. */
export const testDevice = process.env.SNNSEG_TEST_DEVICE ?? "cpu";

/** Whether the operators run there; else there is nothing to compare, as the addon was built without kernels for it. */
export const fusesThere = hasFusedOperators(testDevice);

/** `x` on that device: another handle, or a copy. */
export const there = (x: Tensor): Tensor => toDevice(x, testDevice);
