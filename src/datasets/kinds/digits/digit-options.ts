/** Options of the composed data set of digits on backgrounds. */
import { choice, integer, numberWithin, option, optional, path, range } from "../../../options/index.js";

const digits = { group: "Data" } as const;

/** More would not fit into memory: an epoch's order takes some bytes an example. */
export const mostDigits = 10_000_000;

export const digitOptions = {
  mnist: option(optional(path("DIR")), {
    ...digits,
    default: null,
    help: "MNIST's IDX files instead of the built-in digits",
  }),
  cifar10: option(optional(path("DIR")), {
    ...digits,
    default: null,
    help: "CIFAR-10's binary files as backgrounds",
  }),
  digitsTrain: option(integer(1, mostDigits), { ...digits, default: 2000, help: "training examples" }),
  digitsVal: option(integer(1, mostDigits), { ...digits, default: 400, help: "validation examples" }),
  digitCount: option(range(integer(0, 100), "1,2"), {
    ...digits,
    default: [1, 2],
    help: "fewest and most digits of an example",
  }),
  digitScale: option(range(numberWithin(0, 1), "0.5,0.8"), {
    ...digits,
    default: [0.5, 0.8],
    help: "smallest and largest digit: its longer side as a share of the image's shorter side",
  }),
  digitOverlap: option(numberWithin(0, 1), {
    ...digits,
    default: 0.2,
    help: "largest share of a digit's box that may lie under or over another's",
  }),
  digitOcclusion: option(choice(["first", "last", "random"]), {
    ...digits,
    default: "last",
    help: "which of two overlapping digits is on top",
  }),
  digitSeed: option(integer(0, 0xffffffff), { ...digits, default: 0, help: "seed of the compositions" }),
};
