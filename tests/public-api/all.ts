/** Everything that the package exports, from all its entries. A name with two meanings is an error of types here. */
export * from "../../src/entries/conversion.js";
export * from "../../src/entries/data.js";
export * from "../../src/entries/energy.js";
export * from "../../src/entries/events.js";
export * from "../../src/entries/export.js";
export * from "../../src/entries/io.js";
export * from "../../src/entries/kernels.js";
export * from "../../src/entries/metrics.js";
export * from "../../src/entries/models.js";
export * from "../../src/entries/neurons.js";
export * from "../../src/entries/nn.js";
export * from "../../src/entries/ops.js";
export * from "../../src/entries/runs.js";
export * from "../../src/entries/training.js";
export * from "../../src/entries/web.js";
export * from "../../src/index.js";
