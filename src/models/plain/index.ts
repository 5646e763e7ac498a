/** Plain twins: the same networks on libtorch's own operators alone, which benchmarks and tests compare with. */

export type { PlainNetwork } from "./plain-network.js";
export { plainTwin } from "./plain-twin.js";
