#!/usr/bin/env node
/** Entry point of the command line. */
import { runProgram } from "./program.js";

/** As the shell reports a program that SIGPIPE ended: whoever read its words has gone, as `head` does. */
const brokenPipe = 141;
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(brokenPipe);
    throw error;
  });
}

process.exitCode = await runProgram(process.argv.slice(2), { out: process.stdout, err: process.stderr });
