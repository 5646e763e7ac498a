/**
 * Turns what the operating system says about a failed read or write into one line that names the file and the remedy.
 */
import { FileError } from "../errors.js";

const reasons: Readonly<Record<string, readonly [received: string, nextStep: string]>> = {
  ENOSPC: ["a full disk", "free some space or choose another folder, then run the command again"],
  EDQUOT: ["an exhausted disk quota", "free some space or choose another folder, then run the command again"],
  EFBIG: ["a file larger than this file system or limit allows", "choose another folder"],
  ENOENT: ["no such file or folder", "check the path"],
  EACCES: ["no permission", "check the owner and the mode of the file and its folder"],
  EPERM: ["no permission", "check the owner and the mode of the file and its folder"],
  EROFS: ["a read-only file system", "choose a folder that can be written"],
  EISDIR: ["a folder where a file belongs", "give the path of a file"],
  ENOTDIR: ["a file where a folder belongs", "check the path"],
  EIO: ["an input/output error of the device", "check the disk"],
  EMFILE: ["too many open files", "raise the limit (ulimit -n)"],
};

/** The system's error code (`ENOSPC`), or `undefined` for other errors. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * A {@link FileError} for a failed file operation; errors that are no system errors come back unchanged.
 *
 * @param expected - what the operation needed, completing "expected …"
 */
export function fileError(
  error: unknown,
  { operation, expected }: { readonly operation: string; readonly expected: string },
): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const [received, nextStep] = reasons[code] ?? [(error as Error).message, "see the system's message"];
  return new FileError(`${operation}: expected ${expected}, received ${received} (${code}); ${nextStep}`, {
    cause: error,
  });
}
