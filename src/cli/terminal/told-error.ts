/** A failure of another process, which has told it on the same terminal. */
export class ToldError extends Error {
  /** Of that process, which becomes this one's. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`expected no failure, received exit code ${exitCode} of another process`);
    this.exitCode = exitCode;
  }
}
