/** Plain twins: the same networks on libtorch's own operators alone, which benchmarks and tests compare with. */

export { plainTwin } from "./plain-twin.js";
