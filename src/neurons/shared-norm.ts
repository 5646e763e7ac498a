/** Batch norm whose statistics all timesteps share: it folds into a convolution, and holds at any number of timesteps. */
import { checkInteger, checkOneOf } from "../checks/index.js";
import { flatten, mul, narrow, ones, reshape, scope, splitFirst, type Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { BatchNorm2d } from "../nn/index.js";

/**
 * Batch norm over timesteps, batch and pixels, y = γ·(i − μ)/√(σ² + ε) + β:
 *
 *     plain    γ = 1, β = 0: nothing is learnt, as in the reference's ANN
 *     affine   learnt, from γ = 1 and β = 0 on
 *     tdbn     learnt, from γ = ϑ and β = 0 on: threshold-dependent
 *     tebn     affine, times a learnt p[t] that begins at 1: temporal effective
 *
 * @see Zheng et al. 2021, arXiv:2011.05280 (tdBN); Duan et al. 2022, "Temporal effective batch normalization in spiking neural
 *   networks", NeurIPS (TEBN)
 */
export type SharedNormName = "plain" | "affine" | "tdbn" | "tebn";

/** The names that there are. */
export const sharedNorms = ["plain", "affine", "tdbn", "tebn"] as const satisfies readonly SharedNormName[];

/** What a shared norm is. */
export interface SharedNormSettings {
  /** Which; {@link SharedNormName} has the equations. */
  readonly form: SharedNormName;
  /** C. */
  readonly channels: number;
  /** T, of `tebn`. */
  readonly timesteps: number;
  /** ϑ, with which `tdbn` begins. */
  readonly threshold: number;
  /** `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
}

/** A layer's norm over all its timesteps. */
export class SharedNorm extends BatchNorm2d {
  /** As given to the constructor. */
  readonly settings: SharedNormSettings;
  /** p `[T]` of `tebn`. */
  readonly factors: Tensor | undefined;

  /**
   * @param settings - kept as they are
   * @throws OptionError if a setting is none that a norm can have
   */
  constructor(settings: SharedNormSettings) {
    const { form, channels, timesteps, threshold, device } = settings;
    checkOneOf("SharedNorm", "form", form, sharedNorms);
    checkInteger("SharedNorm", "timesteps", timesteps);
    super(channels, device, form === "plain" ? undefined : { scale: form === "tdbn" ? threshold : 1 });
    this.settings = settings;
    this.factors =
      form === "tebn" ? this.build(() => this.parameter("p", ones([timesteps], { device }))) : undefined;
  }

  /**
   * Normalises a chunk of timesteps.
   *
   * @param current - `[T', N, C, H, W]`
   * @param chunk - the timestep of its first row, from 0
   * @throws OptionError if `tebn` has factors for fewer timesteps
   */
  forwardSteps(current: Tensor, { firstStep }: { readonly firstStep: number }): Tensor {
    const [steps = 0] = current.shape;
    const { timesteps } = this.settings;
    if (this.factors !== undefined && firstStep + steps > timesteps) {
      throw new OptionError(
        `SharedNorm: expected at most ${timesteps} timesteps, as tebn has factors for, received ${firstStep + steps}; ` +
          "train with more --timesteps, or with --norm affine",
      );
    }
    return scope("shared norm", () => {
      const normal = splitFirst(this.forward(flatten(current, 0, 1)), steps);
      if (this.factors === undefined) return normal;
      return mul(normal, reshape(narrow(this.factors, 0, firstStep, steps), [-1, 1, 1, 1, 1]));
    });
  }
}
