/**
 * The project's error classes: every failure a user can cause is one of these.
 *
 * A message reads `operation: expected this, received that; next step`. The `code` is stable and meant for
 * programs; the command line turns `OptionError` into exit code 2 and every other class into exit code 1.
 */

/** Base of all errors that snnseg throws on purpose. */
export class SnnsegError extends Error {
  /**
   * Stable, for programs: `SHAPE`, `OPTION`, `DISPOSED_TENSOR`, `DATA_FORMAT`, `FILE`, `NATIVE_LOAD`, `NATIVE`, `DIVERGENCE`,
   * `CONVERSION`, `RANK`.
   */
  readonly code: string;

  /**
   * @param code - of the class
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Tensors or maps whose shapes do not fit the operation. */
export class ShapeError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("SHAPE", message, options);
  }
}

/** An option, flag or config value that is unknown, out of range or contradicts another. */
export class OptionError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("OPTION", message, options);
  }
}

/** A tensor handle used after its scope ended or after `dispose`. */
export class DisposedTensorError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("DISPOSED_TENSOR", message, options);
  }
}

/** A file whose content is not what its format or its list promises; names file and record. */
export class DataFormatError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("DATA_FORMAT", message, options);
  }
}

/** A file or folder that could not be read or written. */
export class FileError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("FILE", message, options);
  }
}

/** The native addon or libtorch could not be loaded. */
export class NativeLoadError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("NATIVE_LOAD", message, options);
  }
}

/** libtorch refused an operation or ran out of memory. */
export class NativeError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("NATIVE", message, options);
  }
}

/** Training produced NaN or infinity and was stopped. */
export class DivergenceError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("DIVERGENCE", message, options);
  }
}

/** A network that cannot be converted, or calibration data that say nothing about it. */
export class ConversionError extends SnnsegError {
  /**
   * @param message - `operation: expected this, received that; next step`
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("CONVERSION", message, options);
  }
}

/** Another rank of a training on several is missing or has ended; names it. */
export class RankError extends SnnsegError {
  /**
   * @param message - which rank, and what became of it
   * @param options - `cause`: the error behind this one
   */
  constructor(message: string, options?: ErrorOptions) {
    super("RANK", message, options);
  }
}
