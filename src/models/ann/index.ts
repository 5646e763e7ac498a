/** Networks of convolutions and ReLU. */

export { AnnModel } from "./ann-model.js";
