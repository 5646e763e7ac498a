/** Checks of what defines neurons; every operator and layer of them uses these. */
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkOneOf, refuse } from "../checks/index.js";
import { callMany, concat, full, noGrad, scope, stack, Tensor, toDType } from "../engine/index.js";
import {
  type Dynamics,
  type LifOptions,
  type LifSettings,
  lifDefaults,
  resets,
  type TemporalNorm,
} from "./lif-options.js";
import { checkSurrogate } from "./surrogates.js";

/**
 * Checks what defines neurons.
 *
 * @param operation - begins the error's message
 * @param dynamics - checked: `leak`, `reset`, `surrogate`, `imbalance`
 * @throws OptionError for the first setting that no neuron can have
 */
export function checkDynamics(operation: string, { leak, reset, surrogate, imbalance }: Dynamics): void {
  checkLeak(operation, leak);
  checkOneOf(operation, "reset", reset, resets);
  checkSurrogate(operation, surrogate);
  checkNumber(operation, "imbalance", imbalance, { least: 0, float32: true });
}

/**
 * Checks a leak.
 *
 * @param operation - begins the error's message
 * @param leak - λ
 * @throws OptionError unless it is in (0, 1]
 */
export function checkLeak(operation: string, leak: number): void {
  checkNumber(operation, "leak", leak, { above: 0, most: 1, float32: true });
}

/**
 * Checks thresholds, one or many. 0 is allowed, as conversion gives it to neurons that never received a current: they fire
 * whenever u > 0.
 *
 * @param operation - begins the error's message
 * @param threshold - ϑ, any shape
 * @throws OptionError if one is negative, NaN or infinite, or there are none
 */
export function checkThreshold(operation: string, threshold: Tensor): void {
  checkThresholds(operation, threshold, { least: 0 });
}

/** {@link checkThreshold} for another range. */
export function checkThresholds(
  operation: string,
  threshold: Tensor,
  range: Parameters<typeof checkNumber>[3],
): void {
  if (!(threshold instanceof Tensor)) refuse(operation, "threshold", "a tensor", threshold);
  if (threshold.numel === 0) refuse(operation, "threshold", "one value, [C] or [C, H, W]", threshold.shape);
  scope("check threshold", () =>
    noGrad(() => {
      // Read at once: each reading from a GPU waits for all that it still has to do.
      const extremes = toDType(stack(callMany("aten::aminmax", [threshold])), "float64");
      for (const extreme of extremes.toNumbers()) {
        checkNumber(operation, "each threshold", extreme, range);
      }
    }),
  );
}

/** Whether the values of tensors are read and checked, or their shapes alone, as those on a GPU are read by {@link checkRead}. */
export type Checking = "values" | "shapes";

/**
 * What {@link checkRead} checks, to be read together with other numbers: the lowest and highest threshold, and the leak.
 *
 * @returns float64 `[2]`, or `[3]` with a leak
 */
export function toBeRead(threshold: Tensor, leak?: Tensor): Tensor {
  return scope("numbers of neurons", () =>
    noGrad(() => {
      const extremes = stack(callMany("aten::aminmax", [threshold]));
      return toDType(leak === undefined ? extremes : concat([extremes, leak]), "float64");
    }),
  );
}

/** @throws OptionError if neurons cannot have the numbers of {@link toBeRead} @param range - of thresholds */
export function checkRead(
  operation: string,
  [lowest, highest, leak]: readonly number[],
  range: Parameters<typeof checkNumber>[3],
): void {
  for (const extreme of [lowest!, highest!]) checkNumber(operation, "each threshold", extreme, range);
  if (leak !== undefined) checkLeak(operation, leak);
}

const normKeys = new Set(["scale", "runningMean", "runningVar", "training", "momentum", "eps"]);

/** Batch norm through time; the operators check the shapes. @throws OptionError if a setting is not of its kind */
export function checkNorm(operation: string, norm: TemporalNorm | undefined): void {
  if (norm === undefined) return;
  checkKeys(operation, norm, normKeys);
  for (const name of ["scale", "runningMean", "runningVar"] as const) {
    if (!(norm[name] instanceof Tensor)) refuse(operation, `norm.${name}`, "a tensor [T, C]", norm[name]);
  }
  checkBoolean(operation, "norm.training", norm.training);
  checkNumber(operation, "norm.momentum", norm.momentum, { least: 0, most: 1 });
  checkNumber(operation, "norm.eps", norm.eps, { above: 0 });
}

const lifKeys = new Set([
  ...["leak", "threshold", "reset", "surrogate", "imbalance"],
  ...["norm", "normalizedSteps", "initial"],
]);

/**
 * The options of `lifSequence` with their defaults; a threshold that is a number becomes a tensor of the innermost scope.
 *
 * @throws OptionError for the first that no neuron can have, or that none knows
 */
export function checkedLifOptions(
  operation: string,
  options: LifOptions,
  { device, checking = "values" }: { readonly device: string; readonly checking?: Checking },
): LifSettings {
  checkKeys(operation, options, lifKeys);
  const settings = { ...lifDefaults, ...options };
  const { leak } = settings;
  if (leak instanceof Tensor && leak.shape.join() !== "1") {
    refuse(operation, "leak", "a number or a tensor [1]", leak.shape);
  }
  const known = leak instanceof Tensor ? (checking === "values" ? leak.item() : lifDefaults.leak) : leak;
  checkDynamics(operation, { ...settings, leak: known });
  checkNorm(operation, settings.norm);
  checkInteger(operation, "normalizedSteps", settings.normalizedSteps ?? 0, { least: 0 });
  const { threshold } = settings;
  if (typeof threshold === "number") {
    checkNumber(operation, "threshold", threshold, { least: 0, float32: true });
    return { ...settings, threshold: full([1], threshold, { device }) };
  }
  if (checking === "values") checkThreshold(operation, threshold);
  return { ...settings, threshold };
}
