/** A long-lived process that works when it is told to, and tells how long it took. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Contestant {
  /** What the process says about itself: versions and `ways`, or why it is `skipped`. */
  about;
  name;
  #process;
  #lines;
  #errors = "";

  /** Starts it and waits until it is set up. */
  static async start({ name, command: [program, ...args], env = {} }) {
    const contestant = new Contestant();
    contestant.name = name;
    contestant.#process = spawn(program, args, { env: { ...process.env, ...env } });
    contestant.#process.on("error", (error) => (contestant.#errors += error.message));
    contestant.#process.stderr.on("data", (text) => (contestant.#errors += text));
    contestant.#process.stdin.on("error", () => {});
    contestant.#lines = createInterface({ input: contestant.#process.stdout })[Symbol.asyncIterator]();
    contestant.about = await contestant.#answer();
    return contestant;
  }

  /** Does the work once: `ms`, `cpuMs` and `peakBytes`, how far memory at the peak was above the set-up's. */
  async run({ work, precision }) {
    this.#process.stdin.write(`${[work, precision].filter(Boolean).join(" ")}\n`);
    return await this.#answer();
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value);
    throw new Error(`${this.name}: expected an answer, but the process ended\n${this.#errors.slice(-2000)}`);
  }

  stop() {
    this.#process.kill();
  }
}
