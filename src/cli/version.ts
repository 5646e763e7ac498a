/** `snnseg --version`: what is in this process, and what it runs on. */
import { libtorchFiles } from "../engine/index.js";
import { packageVersion, prepareEngine } from "../environment/index.js";
import { NativeLoadError } from "../errors.js";
import { formatTable } from "./lines/format.js";
import type { Terminal } from "./terminal/terminal.js";

/** Prints versions, threads and machine; without a libtorch, why there is none. */
export function printVersion(terminal: Terminal): void {
  const facts = knownFacts();
  terminal.print(
    formatTable(
      Object.entries(facts).map((row) => row.map(String)),
      { left: 2 },
    ),
  );
  terminal.result(facts);
}

function knownFacts(): Readonly<Record<string, string | number>> {
  try {
    const [library] = libtorchFiles();
    const from = library === undefined ? {} : { library };
    return { ...prepareEngine({ threads: null, device: "cpu" }), ...from };
  } catch (error) {
    if (!(error instanceof NativeLoadError)) throw error;
    return { snnseg: packageVersion(), node: process.version, problem: error.message };
  }
}
